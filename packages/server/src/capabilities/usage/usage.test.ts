import { expect, test } from "vitest";
import type { TurnEvent } from "../../runtime/agent-runtime.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { assistantMessage, createScriptedRuntime, scriptedModel } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";
import { costRange, daysOf, sessionsRange } from "./usage-range.ts";

const usage = {
  input: 100,
  output: 20,
  cacheRead: 4,
  cacheWrite: 0,
  totalTokens: 124,
  cost: { input: 0.5, output: 0.25, cacheRead: 0, cacheWrite: 0, total: 0.75 },
};

/** A turn of two model calls with a tool between them. */
async function* twoCalls(): AsyncIterable<TurnEvent> {
  const call = { type: "toolCall" as const, id: "t1", name: "read", arguments: {} };
  const timestamp = Date.now();
  yield { type: "model", model: scriptedModel };
  yield { type: "usage", usage, model: scriptedModel };
  yield {
    type: "message",
    message: assistantMessage("", { content: [call], usage, stopReason: "toolUse", timestamp }),
  };
  yield { type: "tool-start", toolCallId: "t1", name: "read", args: {} };
  yield { type: "tool-end", toolCallId: "t1", name: "read", isError: false, result: { content: [] } };
  yield {
    type: "message",
    message: { role: "toolResult", toolCallId: "t1", toolName: "read", content: [], isError: false, timestamp },
  };
  yield { type: "usage", usage, model: scriptedModel };
  yield { type: "message", message: assistantMessage("done", { usage, timestamp }) };
  yield { type: "end", stopReason: "stop" };
}

const sums = {
  input: 200,
  output: 40,
  cacheRead: 8,
  totalTokens: 248,
  totalCost: 1.5,
  inputCost: 1,
  missingCostEntries: 0,
};
const chat = { sessionKey: "s", message: "hi", idempotencyKey: "r1" };

test("a turn's model calls are in every account, in the words of each protocol", async () => {
  await using started = await startTestGateway(createScriptedRuntime(twoCalls));
  const client = createMemoryClient(started.gateway);
  await client.connect();
  await client.request("chat.send", chat);
  await client.event("chat", ({ state }) => state === "final");

  const { payload: cost } = await client.request("usage.cost", { days: 7 });
  expect(cost).toMatchObject({ days: 7, totals: sums });
  const daily = cost?.["daily"] as Record<string, unknown>[];
  expect(daily).toHaveLength(7);
  expect(daily.at(-1)).toMatchObject(sums);
  expect(daily[0]).toMatchObject({ totalTokens: 0 });

  const { payload } = await client.request("sessions.usage", { key: "s", mode: "specific" });
  expect(payload).toMatchObject({
    sessions: [
      {
        key: "agent:main:s",
        agentId: "main",
        model: "model-1",
        usage: {
          ...sums,
          messageCounts: { total: 3, user: 1, assistant: 2, toolCalls: 1 },
          modelUsage: [{ provider: "test", model: "model-1", count: 2, totals: sums }],
        },
      },
    ],
    totals: sums,
    aggregates: {
      byProvider: [{ provider: "test", count: 2 }],
      byAgent: [{ agentId: "main", totals: sums }],
      daily: [{ tokens: 248, cost: 1.5 }],
    },
  });
  expect(
    (await client.request("sessions.usage", { startDate: "2001-01-01", endDate: "2001-01-02" })).payload,
  ).toMatchObject({ startDate: "2001-01-01", sessions: [], totals: { totalTokens: 0 } });

  expect((await client.request("sessions.usage.timeseries", { key: "s" })).payload).toMatchObject({
    points: [
      { totalTokens: 124, cost: 0.75, cumulativeTokens: 124 },
      { cumulativeTokens: 248, cumulativeCost: 1.5 },
    ],
  });
  expect((await client.request("sessions.usage.logs", { key: "s", limit: 1 })).payload).toEqual({
    logs: [{ timestamp: expect.any(Number), role: "assistant", content: "done", tokens: 124, cost: 0.75 }],
  });
  expect((await client.request("sessions.usage.timeseries", { key: "nobody" })).payload).toEqual({ points: [] });

  const old = createMemoryClient(started.gateway);
  await old.connect({ maxProtocol: 3 });
  const { payload: ofThree } = await old.request("usage.cost", { days: 7 });
  expect(ofThree).toMatchObject({ days: 8, totals: sums, daily: [sums] });
  expect((await old.request("usage.cost", { days: "x", startDate: "bad" })).payload).toMatchObject({ days: 31 });
  expect((await old.request("usage.cost", { startDate: "2026-01-01", endDate: "2026-01-02" })).payload).toMatchObject({
    days: 3,
    daily: [],
  });
});

test("a failed turn counts as an error without usage", async () => {
  const runtime = createScriptedRuntime(async function* (): AsyncIterable<TurnEvent> {
    yield { type: "error", kind: "rate_limit", message: "429", model: scriptedModel };
  });
  await using started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect();
  await client.request("chat.send", chat);
  await client.event("chat", ({ state }) => state === "error");
  const { payload } = await client.request("sessions.usage");
  expect(payload).toMatchObject({
    totals: { totalTokens: 0 },
    aggregates: { messages: { user: 1, assistant: 0, errors: 1 } },
  });
});

test.each([
  ["sessions.usage.timeseries", {}, "key is required for timeseries"],
  ["sessions.usage.logs", {}, "key is required for logs"],
  [
    "sessions.usage",
    { startDate: "x" },
    'invalid sessions.usage params: at /startDate: must match pattern "^\\d{4}-\\d{2}-\\d{2}$"',
  ],
])("%s without what it needs is refused", async (method, params, message) => {
  await using started = await startTestGateway(createScriptedRuntime(twoCalls));
  const client = createMemoryClient(started.gateway);
  await client.connect({ maxProtocol: 3 });
  expect((await client.request(method, params)).error).toEqual({ code: "INVALID_REQUEST", message });
});

const now = Date.parse("2026-03-10T23:30:00Z");
test.each([
  [{}, "2026-02-09", "2026-03-10", 30],
  [{ days: 1 }, "2026-03-10", "2026-03-10", 1],
  [{ days: -5 }, "2026-03-10", "2026-03-10", 1],
  [{ startDate: "2026-02-28", endDate: "2026-03-01" }, "2026-02-28", "2026-03-01", 2],
  [{ startDate: "2026-03-02", endDate: "2026-03-01" }, "2026-02-09", "2026-03-10", 30],
  [{ startDate: "2026-02-28", endDate: "2026-13-01" }, "2026-02-09", "2026-03-10", 30],
])("cost of %o is from %s to %s", (asked, firstDay, lastDay, days) => {
  const range = costRange(asked, now);
  expect(range).toEqual({ firstDay, lastDay });
  expect(daysOf(range)).toHaveLength(days);
});

test("no range is longer than a thousand days", () => {
  expect(daysOf(costRange({ days: 1e9 }, now))).toHaveLength(1_000);
  expect(daysOf(costRange({ startDate: "0001-01-01", endDate: "2026-01-01" }, now))).toHaveLength(1_000);
});

test("one day alone is an end of the range of sessions", () => {
  expect(sessionsRange({ startDate: "2026-03-01" }, now)).toEqual({ firstDay: "2026-03-01", lastDay: "2026-03-10" });
  expect(sessionsRange({ endDate: "2026-03-01" }, now)).toEqual({ firstDay: "2026-01-31", lastDay: "2026-03-01" });
});
