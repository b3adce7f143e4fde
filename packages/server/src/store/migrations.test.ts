import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate, schemaVersion } from "./migrate.ts";
import { allMigrations } from "./migrations.ts";

test("ids are unique and ascend, and released steps stay what they were", () => {
  const ids = allMigrations.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  expect(allMigrations.map(({ id, name }) => [id, name])).toEqual([
    [1, "sessions, messages, runs"],
    [2, "answers to calls with an idempotency key"],
    [3, "usage by day, agent, model and session"],
    [4, "archived sessions"],
    [5, "preferences of users"],
    [6, "words of transcripts"],
    [7, "sub-agents that are to be reported"],
    [8, "budgets; model calls without a price"],
    [9, "audit log"],
    [10, "summaries of sessions"],
    [11, "approvals of commands"],
    [12, "devices, their tokens, and what waits for approval"],
    [13, "sessions that begin anew, and what was before"],
    [14, "messages by id"],
    [15, "outputs of tools"],
    [16, "transcripts that are being deleted"],
    [17, "device tokens by what is shown"],
    [18, "messages of runs whose answer can be asked for"],
  ]);
});

const schema = (db: DatabaseSync) => db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all();

test("every older schema becomes the same as a fresh one", () => {
  const fresh = new DatabaseSync(":memory:");
  migrate(fresh, allMigrations);
  for (let known = 0; known <= allMigrations.length; known++) {
    const older = new DatabaseSync(":memory:");
    migrate(older, allMigrations.slice(0, known));
    migrate(older, allMigrations);
    expect(schema(older)).toEqual(schema(fresh));
    expect(schemaVersion(older)).toBe(allMigrations.at(-1)?.id);
  }
});
