import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { commitGroup } from "./commit-group.ts";
import { bind, createPreparedStatements } from "./prepared-statements.ts";

function open() {
  const connection = new DatabaseSync(":memory:");
  connection.exec("CREATE TABLE notes (text TEXT UNIQUE)");
  const statements = createPreparedStatements(connection);
  const insert = (text: string) => [bind({ sql: "INSERT INTO notes VALUES (?)", parameters: [text] })];
  const commit = (texts: readonly string[]) => commitGroup(connection, statements, texts.map(insert));
  const count = () => connection.prepare("SELECT count(*) AS count FROM notes").get()?.["count"];
  return { connection, commit, count };
}

test("all calls of a group share one transaction", () => {
  const { connection, commit, count } = open();
  const exec = vi.spyOn(connection, "exec");
  const outcomes = commit([...Array(50).keys()].map((index) => `n${index % 49}`));
  const commands = exec.mock.calls.map(([command]) => command);
  expect(commands.filter((command) => command.startsWith("BEGIN"))).toEqual(["BEGIN IMMEDIATE"]);
  expect(commands.filter((command) => command === "COMMIT")).toHaveLength(1);
  expect(outcomes.map(({ ok }) => ok)).toEqual([...Array(49).fill(true), false]);
  expect(count()).toBe(49);
});

test("a full disk fails the whole group and leaves the connection fit for the next", () => {
  const { connection, commit, count } = open();
  connection.exec("PRAGMA max_page_count = 8");
  const outcomes = commit(["small", "x".repeat(100_000), "after"]);
  expect(outcomes).toEqual(Array(3).fill({ ok: false, fault: { reason: "full", message: expect.any(String) } }));
  expect(count()).toBe(0);
  expect(commit(["small"])).toMatchObject([{ ok: true }]);
  expect(count()).toBe(1);
});
