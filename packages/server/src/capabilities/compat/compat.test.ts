import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

test("a client that uses the names of agent tools works, in protocol 3", async () => {
  const runtime = createScriptedRuntime(() => answer("Hello"));
  await using started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect({ maxProtocol: 3, caps: [], scopes: ["operator.read", "operator.write", "operator.admin"] });
  const sent = await client.request("sessions_send", { sessionKey: "s", message: "hi" });
  expect(sent).toMatchObject({ ok: true, payload: { runId: expect.any(String), status: "started" } });
  await client.event("chat", ({ state }) => state === "final");
  expect(await client.request("sessions_list", { activeMinutes: 5, messageLimit: 0 })).toMatchObject({
    payload: { count: 1, sessions: [{ key: "agent:main:s" }] },
  });
  expect(await client.request("sessions_list", { kinds: ["group"] })).toMatchObject({
    payload: { count: 0, sessions: [] },
  });
  expect(await client.request("sessions_list", { kinds: ["direct"] })).toMatchObject({ payload: { count: 1 } });
  expect(await client.request("sessions_history", { sessionKey: "s", limit: 5 })).toMatchObject({
    payload: { messages: [{ role: "user" }, { role: "assistant" }] },
  });
  expect(await client.request("sessions_kill", { sessionKey: "s" })).toMatchObject({
    payload: { ok: true, aborted: false, runIds: [] },
  });
  expect(await client.request("subscribe", { event: "chat" })).toMatchObject({ ok: true, payload: { ok: true } });
  expect(await client.request("unsubscribe", { event: "chat" })).toMatchObject({ ok: true, payload: { ok: true } });
  expect(await client.request("ping", {})).toMatchObject({ ok: true, payload: { ok: true } });
});

test("the other names need the scopes of what they stand for and are not advertised", async () => {
  await using started = await startTestGateway(createScriptedRuntime(() => answer("Hello")));
  const client = createMemoryClient(started.gateway);
  const hello = await client.connect({ scopes: ["operator.read"] });
  expect(await client.request("sessions_send", { sessionKey: "s", message: "hi" })).toMatchObject({
    ok: false,
    error: { message: "missing scope: operator.write" },
  });
  expect(await client.request("sessions_kill", { sessionKey: "s" })).toMatchObject({
    ok: false,
    error: { message: "missing scope: operator.write" },
  });
  const { methods } = (hello.payload as { features: { methods: string[] } }).features;
  expect(methods.filter((name) => name.includes("_") || name === "ping")).toEqual([]);
  expect(methods).toContain("sessions.describe");
});
