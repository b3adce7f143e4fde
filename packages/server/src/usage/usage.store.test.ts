import { zeroUsage } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import { asNew, assistant, runOf, seedOf, user } from "../conversations/conversation-store.contract.ts";
import { createConversationStore } from "../conversations/conversation.store.ts";
import { allMigrations } from "../store/migrations.ts";
import { openTestMemory, openTestSqlite } from "../testing/test-databases.ts";
import { createBudgetStore } from "./budget.store.ts";
import { createBudgets } from "./budgets.ts";
import { createUsageAccount } from "./usage-account.ts";
import { createUsageStore } from "./usage.store.ts";

const key = "agent:main:main";
const model = { provider: "p", id: "m" };
const day = (name: string, hour = 12): number => Date.parse(`${name}T${String(hour).padStart(2, "0")}:00:00Z`);
const all = { firstDay: "2026-01-01", lastDay: "2026-12-31" };
const used = (input: number, output: number, cost = 0) => ({
  ...zeroUsage(),
  input,
  output,
  totalTokens: input + output,
  cost: { input: cost, output: 0, cacheRead: 0, cacheWrite: 0, total: cost },
});

describe.each([
  ["in memory", openTestMemory],
  ["on disk", openTestSqlite],
] as const)("usage %s", (_, open) => {
  async function openBoth() {
    const db = await open(allMigrations);
    return {
      store: createConversationStore(db),
      usage: createUsageStore(db),
      [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
    };
  }

  test("is counted once with the end of its run, however often the end is told", async () => {
    await using opened = await openBoth();
    const { store, usage } = opened;
    await store.acceptRun(runOf("r1", key), seedOf("s1"));
    await store.startRun("r1", key, "s1", [asNew(user("hi"), "r1")], day("2026-03-01"));
    const account = createUsageAccount({ agentId: "main", sessionKey: key, sessionId: "s1" });
    account.call(model, used(10, 5, 0.25), day("2026-03-01"));
    account.tool(model, day("2026-03-01"));
    const soFar = { now: day("2026-03-01"), usage: { runId: "r1", deltas: account.drain() } };
    await store.append(key, "s1", [asNew(assistant("a"), "r1")], soFar);
    account.call(model, used(20, 1, 0.5), day("2026-03-01", 13), true);
    const end = { state: "done", endedAt: day("2026-03-01", 13), usage: account.drain() } as const;
    const last = { key, sessionId: "s1", messages: [asNew(assistant("b"), "r1")], touch: { now: end.endedAt } };
    await store.finishRun("r1", end, last);
    await store.finishRun("r1", end, last);
    await store.append(key, "s1", [], soFar);
    expect(await usage.bySession(all, 10)).toEqual([
      {
        day: "2026-03-01",
        agentId: "main",
        provider: "p",
        model: "m",
        sessionKey: key,
        sessionId: "s1",
        turns: 1,
        calls: 2,
        unpricedCalls: 1,
        toolCalls: 1,
        errors: 0,
        input: 30,
        output: 6,
        cacheRead: 0,
        cacheWrite: 0,
        totalTokens: 36,
        inputCost: 0.75,
        outputCost: 0,
        cacheReadCost: 0,
        cacheWriteCost: 0,
        totalCost: 0.75,
        firstAt: day("2026-03-01"),
        lastAt: day("2026-03-01", 13),
      },
    ]);
  });

  test("of a run whose session is gone, or that never was, is counted or not as the run is", async () => {
    await using opened = await openBoth();
    const { store, usage } = opened;
    await store.acceptRun(runOf("r1", key), seedOf("s1"));
    const account = createUsageAccount({ agentId: "main", sessionKey: key, sessionId: "s1" });
    account.call(model, used(1, 1), day("2026-03-01"));
    const deltas = account.drain();
    await store.deleteSession(key, true);
    await store.finishRun("r1", { state: "aborted", endedAt: 5, usage: deltas });
    await store.finishRun("unknown", { state: "aborted", endedAt: 5, usage: deltas });
    expect(await usage.sums(all)).toMatchObject([{ day: "2026-03-01", calls: 1, totalTokens: 2 }]);
  });

  test("is summed by day and model, and told by session, the last used first", async () => {
    await using opened = await openBoth();
    const { store, usage } = opened;
    const spend = async (runId: string, sessionKey: string, at: number, id: string) => {
      await store.acceptRun(runOf(runId, sessionKey), seedOf(`of ${sessionKey}`));
      const account = createUsageAccount({ agentId: "main", sessionKey, sessionId: `of ${sessionKey}` });
      account.call({ provider: "p", id }, used(1, 0), at);
      await store.finishRun(runId, { state: "done", endedAt: at, usage: account.drain() });
    };
    await spend("r1", "agent:main:a", day("2026-03-01"), "m1");
    await spend("r2", "agent:main:b", day("2026-03-01"), "m1");
    await spend("r3", "agent:main:a", day("2026-03-02", 0), "m2");
    await spend("r4", "agent:main:c", day("2026-02-28", 23), "m2");
    expect((await usage.sums(all)).map((row) => [row.day, row.model, row.calls])).toEqual([
      ["2026-02-28", "m2", 1],
      ["2026-03-01", "m1", 2],
      ["2026-03-02", "m2", 1],
    ]);
    const march = { firstDay: "2026-03-01", lastDay: "2026-03-02" };
    expect((await usage.sums(march, "agent:main:a")).map((row) => [row.day, row.calls])).toEqual([
      ["2026-03-01", 1],
      ["2026-03-02", 1],
    ]);
    const rows = (list: { day: string; sessionKey: string }[]) => list.map((row) => [row.sessionKey, row.day]);
    expect(rows(await usage.bySession(march, 10))).toEqual([
      ["agent:main:a", "2026-03-01"],
      ["agent:main:a", "2026-03-02"],
      ["agent:main:b", "2026-03-01"],
    ]);
    expect(rows(await usage.bySession(march, 1)).flat()).not.toContain("agent:main:b");
    expect(rows(await usage.bySession(all, 10, "agent:main:c"))).toEqual([["agent:main:c", "2026-02-28"]]);
  });
});

describe("a budget", () => {
  test("is spent from with the usage of a run, once, and is what it was when it is opened again", async () => {
    await using db = await openTestSqlite(allMigrations);
    const [store, budgets] = [createConversationStore(db), createBudgetStore(db)];
    await budgets.open("b", 2);
    await store.acceptRun(runOf("r1", key), seedOf("s1"));
    const account = createUsageAccount(
      { agentId: "main", sessionKey: key, sessionId: "s1" },
      { budgets: ["b", "unknown"] },
    );
    account.call(model, used(10, 5, 0.25), day("2026-03-01"));
    const end = { state: "done", endedAt: day("2026-03-01"), usage: account.drain() } as const;
    await store.finishRun("r1", end);
    await store.finishRun("r1", end);
    await budgets.open("b", 5);
    expect(await budgets.budget("b")).toEqual({ usd: 2, spentUsd: 0.25 });
    expect(await budgets.budget("unknown")).toBeUndefined();
  });

  test("is shared by turns that run at the same time", async () => {
    await using db = await openTestSqlite(allMigrations);
    const budgets = createBudgets(createBudgetStore(db));
    await budgets.open("b", 1);
    const [first, second, other] = await Promise.all([["b"], ["b"], []].map(budgets.purse));
    first!.spend(used(1, 1, 0.6), false);
    expect([first!.problem, second!.problem]).toEqual([undefined, undefined]);
    second!.spend(used(1, 1, 0.6), false);
    for (const purse of [first!, second!]) expect(purse.problem).toBe("stopped: the budget of $1.00 is spent ($1.20)");
    expect(other!.problem).toBeUndefined();
    other!.spend(used(1, 1), true);
    expect(other!.problem).toBeUndefined();
    first!.close();
    second!.close();
    const third = await budgets.purse(["b"]);
    expect(third.problem).toBeUndefined();
    third.spend(used(1, 1), true);
    expect(third.problem).toContain("no known price");
  });
});

test("what is used after midnight belongs to the next day", () => {
  const account = createUsageAccount({ agentId: "main", sessionKey: key, sessionId: "s1" });
  account.call(model, used(1, 0), day("2026-03-01", 23));
  account.call(model, used(1, 0), day("2026-03-02", 0));
  expect(account.drain().map(({ turns, calls }) => [turns, calls])).toEqual([
    [1, 1],
    [0, 1],
  ]);
  expect(account.drain()).toEqual([]);
});
