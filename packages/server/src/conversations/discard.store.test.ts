import { expect, test } from "vitest";
import type { Database } from "../store/database.ts";
import { allMigrations } from "../store/migrations.ts";
import { openTestSqlite } from "../testing/test-databases.ts";
import { asNew, assistant, seedOf, user } from "./conversation-store.contract.ts";
import { createConversationStore } from "./conversation.store.ts";

const key = "agent:main:long";
const other = "agent:main:other";
const length = 1_800;

async function rowsOf(db: Database, sessionId: string): Promise<number> {
  const sql = "SELECT count(*) AS count FROM messages WHERE session_id = ? OR session_id LIKE ? || '.bak.%'";
  const [row] = await db.scan<{ count: number }>({ sql, parameters: [sessionId, sessionId] });
  return row?.count ?? 0;
}

/** A store with a long transcript whose beginning was put aside, and a short one. */
async function opened() {
  const db = await openTestSqlite(allMigrations);
  const writes: number[] = [];
  let isDead = false;
  const watched: Database = {
    ...db,
    write: async (statements) => {
      if (isDead) throw new Error("killed");
      const results = await db.write(statements);
      writes.push(results.reduce((sum, { changes }) => sum + changes, 0));
      return results;
    },
  };
  const store = createConversationStore(watched);
  for (const [name, sessionId] of [
    [key, "s1"],
    [other, "s2"],
  ] as const) {
    await store.upsertSession(name, seedOf(sessionId), {});
    const messages = Array.from({ length: sessionId === "s1" ? length : 3 }, (_, n) =>
      asNew(n % 2 === 0 ? user(`marmalade ${n}`) : assistant(`toast ${n}`)),
    );
    await store.append(name, sessionId, messages, { now: 2_000 });
  }
  await store.compactTranscript(key, "s1", 900, 3_000);
  writes.length = 0;
  return {
    db,
    store,
    writes,
    /** Nothing is written from now on, as after a kill. */
    kill: () => void (isDead = true),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

test("a long transcript is gone at once for readers, and its rows leave in commits of bounded size", async () => {
  await using one = await opened();
  const { db, store, writes } = one;
  expect(await rowsOf(db, "s1")).toBe(length);
  expect(await store.deleteSession(key, true)).toEqual({ deleted: true, sessionId: "s1" });
  expect(await store.session(key)).toBeUndefined();
  expect((await store.searchTranscripts({ words: ["marmalade"], limit: 100 })).map((found) => found.key)).toEqual([
    other,
    other,
  ]);
  expect(await store.isDiscarded("s1")).toBe(true);
  await store.finishDiscarding();
  expect(await rowsOf(db, "s1")).toBe(0);
  expect(await store.isDiscarded("s1")).toBe(false);
  expect(await rowsOf(db, "s2")).toBe(3);
  expect(writes.length).toBeGreaterThan(3);
  // 500 messages and what belongs to the session itself.
  expect(Math.max(...writes)).toBeLessThan(520);
});

test("what a crash leaves behind is taken away by the next life", async () => {
  await using one = await opened();
  const { db, store, kill } = one;
  // A reset leaves the transcript; it goes with the session.
  await store.resetSession(key, "s3", 4_000);
  expect(await rowsOf(db, "s1")).toBe(length);
  await store.deleteSession(key, true);
  kill();
  await expect(store.finishDiscarding()).rejects.toThrow("killed");
  expect(await rowsOf(db, "s1")).toBeGreaterThan(0);
  const next = createConversationStore(db);
  expect(await next.isPast(key, "s1")).toBe(false);
  await next.finishDiscarding();
  expect(await rowsOf(db, "s1")).toBe(0);
});

test("a short transcript goes with its session, in one commit", async () => {
  await using one = await opened();
  const { db, store, writes } = one;
  await store.deleteSession(other, true);
  expect(await rowsOf(db, "s2")).toBe(0);
  await store.finishDiscarding();
  expect(writes).toHaveLength(1);
});
