import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

async function connected() {
  const runtime = createScriptedRuntime(() => answer("Hello"));
  const started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect({ minProtocol: 3, maxProtocol: 3, scopes: ["operator.write"] });
  return { client, runtime, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test.each([
  ["to", "agent:main:work"],
  ["sessionKey", "agent:main:work"],
])("a message named by %s reaches the session, once", async (name, key) => {
  await using one = await connected();
  const params = { [name]: key, message: "hi", idempotencyKey: "k" };
  const told = { ok: true, payload: { runId: "k", channel: "session", sessionKey: key } };
  expect(await one.client.request("send", params)).toMatchObject(told);
  await one.client.request("agent.wait", { runId: "k" });
  expect(await one.client.request("send", params)).toMatchObject(told);
  expect(one.runtime.turns.map(({ sessionKey }) => sessionKey)).toEqual([key]);
});

test.each([
  [{ to: "+15550001111", message: "hi" }, "unsupported channel: whatsapp"],
  [{ to: "agent:main:main", message: "hi", channel: "telegram" }, "unsupported channel: telegram"],
  [{ to: "123", message: "" }, "invalid send params: at /message: must NOT have fewer than 1 characters"],
  [{ to: "123", message: "x", foo: 1 }, "invalid send params: at root: unexpected property 'foo'"],
  [
    { to: "agent:main:main", message: "x", mediaUrl: "https://example.com/a.png" },
    "mediaUrl: a session takes attachments by chat.send, not addresses",
  ],
])("%j is refused: %s", async (params, message) => {
  await using one = await connected();
  expect(await one.client.request("send", { ...params, idempotencyKey: "k" })).toMatchObject({
    ok: false,
    error: { code: "INVALID_REQUEST", message },
  });
});
