import { expect, test } from "vitest";
import type { CompactResult } from "../../runtime/agent-runtime.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import {
  answer,
  assistantMessage,
  createScriptedRuntime,
  scriptedModel,
  untilAborted,
} from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

const usage = assistantMessage("").usage;
const mark = (summary: string) => ({
  role: "system" as const,
  content: [{ type: "text" as const, text: "Compaction" }],
  timestamp: Date.now(),
  summary,
  tokensBefore: 15,
  tokensAfter: 8,
});

/** A gateway with two turns in session `s`, and a client that is told of sessions. */
async function withTwoTurns(runtime: ReturnType<typeof createScriptedRuntime>) {
  const started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect();
  await client.request("sessions.subscribe");
  const say = async (text: string) => {
    await client.request("chat.send", { sessionKey: "s", message: text, idempotencyKey: text });
    return client.event("chat", ({ state, runId }) => state !== "delta" && state !== "status" && runId === text);
  };
  for (const text of ["r1", "r2"]) await say(text);
  return { client, say, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test("a session is summed up by hand: the mark is in the history, the next turn sees the summary, usage is counted", async () => {
  const runtime = createScriptedRuntime(() => answer("Hello"));
  const asked: unknown[] = [];
  runtime.compact = async ({ history, instructions }): Promise<CompactResult> => {
    asked.push(instructions);
    return {
      kind: "done",
      message: mark("they greeted"),
      firstKept: history[2]!,
      usage: [{ usage, model: scriptedModel }],
    };
  };
  await using gateway = await withTwoTurns(runtime);
  const { client, say } = gateway;
  expect(await client.request("sessions.compact", { key: "ghost" })).toMatchObject({
    payload: { ok: true, key: "agent:main:ghost", compacted: false, reason: "no sessionId" },
  });
  expect(await client.request("sessions.compact", { key: "s", instructions: "mind the dates" })).toMatchObject({
    payload: { compacted: true, kept: 2, result: { summary: "they greeted", tokensBefore: 15, tokensAfter: 8 } },
  });
  expect(asked).toEqual(["mind the dates"]);
  expect(await client.event("sessions.changed", ({ reason }) => reason === "compact")).toMatchObject({
    payload: { session: { compactionCount: 1, totalTokens: 8 } },
  });
  const { payload } = await client.request("chat.history", { sessionKey: "s" });
  expect(payload).toMatchObject({
    totalMessages: 5,
    messages: [
      { role: "user" },
      { role: "assistant" },
      { role: "user", content: [{ text: "r2" }] },
      { role: "assistant" },
      {
        role: "system",
        content: [{ text: "Compaction" }],
        summary: "they greeted",
        __openclaw: { kind: "compaction", seq: 5 },
      },
    ],
  });
  await say("r3");
  expect(
    runtime.turns.at(-1)?.history.map((message) => ("summary" in message ? message.summary : message.role)),
  ).toEqual(["they greeted", "user", "assistant", "user"]);
  expect(await client.request("sessions.usage", {})).toMatchObject({
    payload: { sessions: [{ usage: { messageCounts: { errors: 0 }, input: 40 } }] },
  });
});

test("what fails changes nothing and says why", async () => {
  const runtime = createScriptedRuntime(() => answer("Hello"));
  runtime.compact = async () => ({ kind: "failed", message: "429 busy" });
  await using gateway = await withTwoTurns(runtime);
  const { client, say } = gateway;
  expect(await client.request("sessions.compact", { key: "s" })).toMatchObject({
    ok: false,
    error: {
      code: "UNAVAILABLE",
      message: expect.stringContaining("429 busy; nothing in it has changed"),
      retryable: true,
    },
  });
  expect(await say("/compact")).toMatchObject({
    payload: { message: { content: [{ text: expect.stringContaining("⚠️ the session could not be compacted") }] } },
  });
  await say("r3");
  expect(runtime.turns.at(-1)?.history).toHaveLength(6);
});

test("it waits for the running turn, holds the next one back, and is stopped with the session", async () => {
  const order: string[] = [];
  const turn = Promise.withResolvers<void>();
  const runtime = createScriptedRuntime(async function* ({ runId }) {
    order.push(runId);
    if (runId === "slow") await turn.promise;
    yield* answer("Hello");
  });
  runtime.compact = async (_request, signal) => {
    order.push("compact");
    await untilAborted(signal);
    return { kind: "failed", message: "it was stopped" };
  };
  await using gateway = await withTwoTurns(runtime);
  const { client } = gateway;
  await client.request("chat.send", { sessionKey: "s", message: "slow", idempotencyKey: "slow" });
  const compacted = client.request("sessions.compact", { key: "s" });
  const waiting = client.request("sessions.compact", { key: "s" });
  turn.resolve();
  await expect.poll(() => order.at(-1)).toBe("compact");
  await client.request("chat.send", { sessionKey: "s", message: "next", idempotencyKey: "next" });
  expect(order).toEqual(["r1", "r2", "slow", "compact"]);
  await client.request("chat.abort", { sessionKey: "s" });
  expect(await compacted).toMatchObject({ error: { message: expect.stringContaining("it was stopped") } });
  expect(await waiting).toMatchObject({ error: { message: "stopped before it began" } });
});

test("a turn tells its compaction and commits it with what it had said before", async () => {
  const runtime = createScriptedRuntime(async function* (asked) {
    if (asked.runId !== "r3") return yield* answer("Hello");
    yield { type: "model", model: scriptedModel };
    yield { type: "text", delta: "Look." };
    const said = assistantMessage("Look.", { stopReason: "toolUse" });
    yield { type: "message", message: said };
    yield { type: "compaction-start", reason: "threshold" };
    yield { type: "usage", usage, model: scriptedModel, contextTokens: 8 };
    yield { type: "compaction-end", done: { message: mark("so far"), firstKept: said }, willRetry: false };
    yield* answer(" Done");
  });
  await using gateway = await withTwoTurns(runtime);
  const { client, say } = gateway;
  await say("r3");
  const phases = client.events("agent").filter(({ payload }) => payload?.["stream"] === "compaction");
  expect(phases.map(({ payload }) => payload?.["data"])).toEqual([
    { phase: "start", reason: "threshold" },
    { phase: "end", willRetry: false, completed: true, tokensBefore: 15, tokensAfter: 8 },
  ]);
  const { payload } = await client.request("chat.history", { sessionKey: "s" });
  expect(payload).toMatchObject({
    messages: [
      {},
      {},
      {},
      {},
      { role: "user" },
      { content: [{ text: "Look." }] },
      { role: "system" },
      { content: [{ text: " Done" }] },
    ],
  });
  await say("r4");
  expect(runtime.turns.at(-1)?.history).toMatchObject([
    { summary: "so far" },
    { content: [{ text: "Look." }] },
    { content: [{ text: " Done" }] },
    { role: "user" },
  ]);
});
