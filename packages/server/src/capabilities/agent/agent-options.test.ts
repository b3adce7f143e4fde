import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

async function connected() {
  const runtime = createScriptedRuntime(() => answer("Hello"));
  const started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect();
  let sent = 0;
  /** The last answer to `agent`. */
  const agent = (params: object, answers = 2) =>
    client.request("agent", { message: "hi", idempotencyKey: `k${sent++}`, ...params }, answers);
  return { runtime, client, agent, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test("a session id that nobody knows begins a session; the next call with it goes on there", async () => {
  await using one = await connected();
  for (let n = 0; n < 2; n++) {
    expect(await one.agent({ sessionId: "Mine-1" })).toMatchObject({
      ok: true,
      payload: { status: "ok", result: { meta: { agentMeta: { sessionId: "Mine-1" } } } },
    });
  }
  expect(
    one.runtime.turns.map(({ sessionKey, sessionId, history }) => [sessionKey, sessionId, history.length]),
  ).toEqual([
    ["agent:main:explicit:mine-1", "Mine-1", 1],
    ["agent:main:explicit:mine-1", "Mine-1", 3],
  ]);
});

test.each(["../x", "a b", "", "s.bak.2026", "x".repeat(129)])("the session id %j begins none", async (sessionId) => {
  await using one = await connected();
  const refused = await one.agent({ sessionId }, sessionId === "" ? 2 : 1);
  expect(refused.ok).toBe(false);
  expect(await one.client.request("sessions.list")).toMatchObject({ payload: { sessions: [] } });
});

test("the result tells what the turn used, without counts of nothing", async () => {
  await using one = await connected();
  const { payload } = await one.agent({ sessionKey: "s" });
  expect(payload).toMatchObject({ result: { meta: { agentMeta: { usage: { input: 10, output: 5, total: 15 } } } } });
  expect(JSON.stringify(payload)).not.toContain("cacheRead");
});

test.each([
  [{ channel: "carrier-pigeon" }, 1, "INVALID_REQUEST", "invalid agent params: unknown channel: carrier-pigeon"],
  [{ replyChannel: "smoke" }, 1, "INVALID_REQUEST", "invalid agent params: unknown channel: smoke"],
  [
    { thinking: "banana" },
    2,
    "UNAVAILABLE",
    "Error: Invalid thinking level. Use one of: off, minimal, low, medium, high.",
  ],
  [{ deliver: true, channel: "telegram" }, 2, "UNAVAILABLE", "Error: Unknown channel: telegram"],
] as const)("%j is refused as recorded", async (params, answers, code, message) => {
  await using one = await connected();
  expect(await one.agent({ sessionKey: "s", ...params }, answers)).toMatchObject({
    ok: false,
    error: { code, message },
  });
});

test.each([{ channel: "last" }, { channel: "webchat", deliver: true }, { thinking: "XHIGH" }])(
  "%j is taken",
  async (params) => {
    await using one = await connected();
    expect(await one.agent({ sessionKey: "s", ...params })).toMatchObject({ ok: true, payload: { status: "ok" } });
  },
);
