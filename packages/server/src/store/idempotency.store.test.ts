import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { createTempFolder, openTestMemory, openTestSqlite } from "../testing/test-databases.ts";
import { createIdempotencyStore } from "./idempotency.store.ts";
import { allMigrations } from "./migrations.ts";
import { openSqlite } from "./sqlite.ts";

describe.each([
  ["in memory", openTestMemory],
  ["on disk", openTestSqlite],
] as const)("answers %s", (_where, openDatabase) => {
  test("belong to one caller, method and key", async () => {
    await using db = await openDatabase(allMigrations);
    const answers = createIdempotencyStore(db, createManualClock(0));
    expect(await answers.put("me", "send", "k", '{"a":1}', 100)).toBe('{"a":1}');
    expect(await answers.get("me", "send", "k")).toBe('{"a":1}');
    expect(await answers.get("you", "send", "k")).toBeUndefined();
    expect(await answers.get("me", "poll", "k")).toBeUndefined();
    expect(await answers.get("me", "send", "K")).toBeUndefined();
  });

  test("of two callers with one key the first one's counts", async () => {
    await using db = await openDatabase(allMigrations);
    const answers = createIdempotencyStore(db, createManualClock(0));
    const told = await Promise.all(["1", "2", "3"].map((answer) => answers.put("me", "send", "k", answer, 100)));
    expect(told).toEqual(["1", "1", "1"]);
    expect(await answers.get("me", "send", "k")).toBe("1");
  });

  test("are gone when their time has passed, and their rows go with later ones", async () => {
    await using db = await openDatabase(allMigrations);
    const clock = createManualClock(0);
    const answers = createIdempotencyStore(db, clock);
    await Promise.all(Array.from({ length: 20 }, (_, index) => answers.put("me", "send", `k${index}`, "old", 100)));
    clock.advance(100);
    expect(await answers.get("me", "send", "k1")).toBeUndefined();
    expect(await answers.put("me", "send", "k19", "new", 300)).toBe("new");
    await answers.put("me", "send", "other", "new", 300);
    const [rows] = await db.read<{ count: number }>({
      sql: "SELECT count(*) AS count FROM idempotent_answers",
      parameters: [],
    });
    expect(rows?.count).toBe(2);
  });
});

test("answers are the same after a restart", async () => {
  await using folder = await createTempFolder();
  const path = join(folder.path, "gateway.db");
  const clock = createManualClock(0);
  const first = await openSqlite({ path, migrations: allMigrations });
  await createIdempotencyStore(first, clock).put("me", "send", "k", "first", 100);
  await first.close();
  const second = await openSqlite({ path, migrations: allMigrations });
  const answers = createIdempotencyStore(second, clock);
  expect(await answers.put("me", "send", "k", "second", 100)).toBe("first");
  expect(await answers.get("me", "send", "k")).toBe("first");
  await second.close();
});
