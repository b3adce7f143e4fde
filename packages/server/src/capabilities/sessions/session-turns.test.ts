import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime, untilAborted } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

async function connected(script: Parameters<typeof createScriptedRuntime>[0] = () => answer("Hello")) {
  const runtime = createScriptedRuntime(script);
  const started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect();
  return { runtime, client, gateway: started.gateway, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test("a session is created under a key of its own, told as created, and found by key, id and label", async () => {
  await using test = await connected();
  const { client } = test;
  await client.request("sessions.subscribe");
  const { payload } = await client.request("sessions.create", {
    agentId: "main",
    label: "Plans",
    model: "test/model-2",
  });
  expect(payload).toMatchObject({
    ok: true,
    key: expect.stringMatching(/^agent:main:dashboard:[0-9a-f-]{36}$/),
    entry: {
      label: "Plans",
      parentSessionKey: "agent:main:main",
      createdVia: "operator",
      createdAt: expect.any(Number),
    },
    runStarted: false,
    resolved: { modelProvider: "test", model: "model-2" },
  });
  const { key, sessionId } = payload as { key: string; sessionId: string };
  expect(client.events("sessions.changed").at(-1)?.payload).toMatchObject({
    sessionKey: key,
    reason: "create",
    session: { label: "Plans" },
  });
  for (const by of [{ key }, { sessionId }, { label: "Plans" }]) {
    expect(await client.request("sessions.resolve", by)).toMatchObject({
      ok: true,
      payload: { ok: true, key, agentId: "main" },
    });
  }
  expect(await client.request("sessions.create", { label: "Plans" })).toMatchObject({
    ok: false,
    error: { message: "label already in use: Plans" },
  });
  expect(await client.request("sessions.create", { agentId: "ghost" })).toMatchObject({
    ok: false,
    error: { message: 'unknown agent id "ghost"' },
  });
  expect(await client.request("sessions.create", { key: "agent:other:x", agentId: "main" })).toMatchObject({
    ok: false,
    error: { code: "INVALID_REQUEST" },
  });
});

test("a created session with a message starts its turn; the same idempotency key gets the same answer", async () => {
  await using test = await connected();
  const { client, runtime } = test;
  const ask = { message: "hi", label: "Once", idempotencyKey: "create-1" };
  const [first, again] = await Promise.all([
    client.request("sessions.create", ask),
    client.request("sessions.create", ask),
  ]);
  expect(first).toMatchObject({
    ok: true,
    payload: { runStarted: true, runId: "create-1", status: "started", messageSeq: 1 },
  });
  expect(again.payload).toEqual(first.payload);
  const key = (first.payload as { key: string }).key;
  await client.event("chat", ({ state }) => state === "final");
  expect((await client.request("sessions.create", ask)).payload).toEqual(first.payload);
  expect(runtime.turns).toHaveLength(1);
  const { payload } = await client.request("sessions.get", { key, limit: 1 });
  expect(payload).toMatchObject({
    messages: [{ role: "assistant", content: [{ text: "Hello" }], __openclaw: { seq: 2 } }],
  });
  expect(await client.request("sessions.get", { key: "ghost" })).toMatchObject({ ok: true, payload: { messages: [] } });
});

test("creating under a key that exists changes that session", async () => {
  await using test = await connected();
  const first = await test.client.request("sessions.create", { key: "work", label: "A" });
  const second = await test.client.request("sessions.create", { key: "agent:main:work", label: "B" });
  expect(second.payload).toMatchObject({
    key: "agent:main:work",
    sessionId: first.payload?.["sessionId"],
    entry: { label: "B", parentSessionKey: "agent:main:main" },
  });
});

test("a message sent by key runs and can be stopped by key", async () => {
  await using test = await connected(async function* (_turn, signal) {
    yield { type: "text", delta: "so far" };
    await untilAborted(signal);
    yield { type: "end", stopReason: "aborted" };
  });
  const { client } = test;
  expect(await client.request("sessions.send", { key: "s", message: "go", idempotencyKey: "r1" })).toMatchObject({
    payload: { runId: "r1", status: "started" },
  });
  await client.event("chat", ({ state }) => state === "delta");
  expect(await client.request("sessions.abort", { runId: "no such run" })).toMatchObject({
    payload: { status: "no-active-run", runIds: [] },
  });
  expect(await client.request("sessions.abort", {})).toMatchObject({
    error: { message: expect.stringContaining("key or runId required") },
  });
  expect(await client.request("sessions.abort", { key: "s" })).toMatchObject({
    payload: { ok: true, status: "aborted", abortedRunId: "r1", runIds: ["r1"] },
  });
  expect(await client.request("sessions.abort", { key: "s" })).toMatchObject({
    payload: { ok: true, status: "no-active-run", abortedRunId: null },
  });
});

test("resolve says what is missing, in the words of the request", async () => {
  await using test = await connected();
  const { client } = test;
  await client.request("sessions.create", { key: "work" });
  const refusals: [Record<string, unknown>, string][] = [
    [{}, "Either key, sessionId, or label is required"],
    [{ key: "a", label: "b" }, "Provide either key, sessionId, or label (not multiple)"],
    [{ key: "ghost" }, "No session found: ghost"],
    [{ sessionId: "nope" }, "No session found: nope"],
    [{ label: "zzz" }, "No session found with label: zzz"],
    [{ key: "work", agentId: "other" }, "No session found: work"],
    [{ key: "work", spawnedBy: "agent:main:main" }, "No session found: work"],
  ];
  for (const [params, message] of refusals) {
    expect(await client.request("sessions.resolve", params)).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message },
    });
  }
  expect(await client.request("sessions.resolve", { key: "ghost", allowMissing: true })).toMatchObject({
    ok: true,
    payload: { ok: false },
  });
});
