import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { allMigrations } from "../store/migrations.ts";
import { openTestMemory, openTestSqlite, type TestDatabase } from "../testing/test-databases.ts";
import { asNew, assistant, conversationStoreContract, runOf, seedOf, user } from "./conversation-store.contract.ts";
import { createConversationStore } from "./conversation.store.ts";
import type { ConversationStore } from "./conversation-store.ts";

/** Cases use the same session ids again: nothing of the last one may be left. */
const written = ["sessions", "messages", "runs", "past_sessions", "discarded_transcripts"];

/** One database for a whole suite, emptied for each test: starting a writer thread takes longer than most tests. */
function createSuite(openDatabase: () => Promise<TestDatabase>) {
  let opening: Promise<TestDatabase> | undefined;
  afterAll(async () => (await opening)?.[Symbol.asyncDispose]());
  return async () => {
    const db = await (opening ??= openDatabase());
    await db.write(written.map((table) => ({ sql: `DELETE FROM ${table}`, parameters: [] })));
    return { store: createConversationStore(db), [Symbol.asyncDispose]: () => Promise.resolve() };
  };
}
const openInMemory = createSuite(() => openTestMemory(allMigrations));
const openOnDisk = createSuite(() => openTestSqlite(allMigrations));

describe("in memory", () => {
  conversationStoreContract(openInMemory);
});
describe("on disk", () => {
  conversationStoreContract(openOnDisk);
});

const keys = ["agent:main:a", "agent:main:b"] as const;
const anyStep = fc.oneof(
  fc.record({ do: fc.constant("upsert"), key: fc.constantFrom(...keys) }),
  fc.record({
    do: fc.constant("append"),
    key: fc.constantFrom(...keys),
    count: fc.integer({ min: 0, max: 3 }),
    isLate: fc.boolean(),
  }),
  fc.record({ do: fc.constant("reset"), key: fc.constantFrom(...keys) }),
  fc.record({ do: fc.constant("delete"), key: fc.constantFrom(...keys), transcript: fc.boolean() }),
  fc.record({ do: fc.constant("accept"), key: fc.constantFrom(...keys), run: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant("start"), run: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant("finish"), run: fc.integer({ min: 0, max: 3 }), count: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant("recover") }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** Every session id that was ever in use, and the one a session has now. */
type Known = {
  ids: Set<string>;
  current: Map<string, string>;
  previous: Map<string, string>;
  runs: Map<string, { key: string; sessionId: string }>;
};

async function take(store: ConversationStore, step: Step, now: number, known: Known): Promise<void> {
  const fresh = `s${now}`;
  const become = (key: string, sessionId: string | undefined) => {
    const before = known.current.get(key);
    if (before !== undefined && before !== sessionId) known.previous.set(key, before);
    if (sessionId === undefined) known.current.delete(key);
    else known.current.set(key, sessionId);
    if (sessionId !== undefined) known.ids.add(sessionId);
  };
  const messages = (count: number) =>
    Array.from({ length: count }, (_, index) => asNew(index % 2 ? assistant("a") : user("u")));
  if (step.do === "recover") {
    await store.recoverRuns(now, () => asNew(assistant("cut")));
  } else if ("run" in step) {
    const runId = `r${step.run}`;
    const run = known.runs.get(runId);
    if ("key" in step) {
      const { session, existing } = await store.acceptRun(runOf(runId, step.key), seedOf(fresh, now));
      if (existing) return;
      become(step.key, session.sessionId);
      known.runs.set(runId, { key: step.key, sessionId: session.sessionId });
    } else if (run && "count" in step) {
      await store.finishRun(
        runId,
        { state: "done", endedAt: now },
        { ...run, messages: messages(step.count), touch: { now } },
      );
    } else if (run) {
      await store.startRun(runId, run.key, run.sessionId, [asNew(user("go"))], now).catch(() => undefined);
    }
  } else if ("count" in step) {
    const sessionId = (step.isLate ? known.previous : known.current).get(step.key) ?? "never";
    await store.append(step.key, sessionId, messages(step.count), { now });
  } else if ("transcript" in step) {
    await store.deleteSession(step.key, step.transcript);
    become(step.key, undefined);
  } else if (step.do === "upsert") {
    become(step.key, (await store.upsertSession(step.key, seedOf(fresh, now), {})).sessionId);
  } else if (await store.resetSession(step.key, fresh, now)) {
    become(step.key, fresh);
  }
}

async function expectAllTrue(store: ConversationStore, known: Known): Promise<void> {
  for (const sessionId of known.ids) {
    const history = await store.history(sessionId, { limit: 1_000 });
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
    expect(await store.countMessages(sessionId)).toBe(history.length);
    const session = await store.sessionById(sessionId);
    expect(session?.messageCount ?? history.length).toBe(history.length);
  }
  for (const key of keys) expect((await store.session(key))?.sessionId).toBe(known.current.get(key));
  expect(await store.countSessions()).toBe(known.current.size);
}

describe("whatever is done in whatever order, positions have no holes and counts are true", () => {
  test.each([
    ["in memory", openInMemory, 150],
    ["on disk", openOnDisk, 20],
  ] as const)("%s", async (_where, open, numRuns) => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), fc.boolean(), async (steps, isParallel) => {
        await using opened = await open();
        const known: Known = { ids: new Set(), current: new Map(), previous: new Map(), runs: new Map() };
        for (const [index, step] of steps.entries()) {
          const taken = take(opened.store, step, index + 1, known);
          // Appends of two writers that do not wait for each other.
          const beside = isParallel
            ? opened.store.append(keys[0], known.current.get(keys[0]) ?? "none", [asNew(user("beside"))], {
                now: index + 1,
              })
            : undefined;
          await Promise.all([taken, beside]);
        }
        await expectAllTrue(opened.store, known);
      }),
      { numRuns: casesOf(numRuns) },
    );
  });
});
