import { describe, expect, test } from "vitest";
import type { GatewayConfig } from "../../../config/schema.ts";
import { answer, createScriptedRuntime, scriptedModel, untilAborted } from "../../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../../testing/test-gateway.ts";

/** A gateway whose turns say a word and then wait until they are stopped. */
async function start(onDisconnect?: "abort" | "continue") {
  const begun = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const runtime = createScriptedRuntime(async function* (_turn, signal) {
    yield { type: "model", model: scriptedModel };
    yield { type: "text", delta: "one" };
    begun.resolve();
    await Promise.race([untilAborted(signal), go.promise]);
    if (signal.aborted) {
      stopped.resolve();
      return yield { type: "end", stopReason: "aborted" };
    }
    yield* answer(" two");
  });
  const config: GatewayConfig = {
    gateway: { http: { endpoints: { chatCompletions: { enabled: true, ...(onDisconnect && { onDisconnect }) } } } },
  };
  const gateway = await startTestGateway(runtime, { config });
  const ask = (body: object = {}, headers: Record<string, string> = {}) => {
    const leaving = new AbortController();
    const response = fetch(new URL("/v1/chat/completions", gateway.url), {
      method: "POST",
      headers: { authorization: "Bearer secret", "content-type": "application/json", ...headers },
      body: JSON.stringify({ messages: [{ role: "user", content: "x" }], ...body }),
      signal: leaving.signal,
    });
    response.catch(() => undefined);
    return { response, leave: () => leaving.abort() };
  };
  return { ...gateway, runtime, ask, begun: begun.promise, stopped: stopped.promise, go: go.resolve };
}

describe("a client that goes away", () => {
  test.each([{ stream: true }, { stream: false }])("ends its run (%j)", async (body) => {
    await using gateway = await start();
    const { leave } = gateway.ask(body);
    await gateway.begun;
    leave();
    await expect(gateway.stopped).resolves.toBeUndefined();
  });

  test("leaves it running where the configuration says so", async () => {
    await using gateway = await start("continue");
    const { leave, response } = gateway.ask({ user: "me" });
    await gateway.begun;
    leave();
    await expect(response).rejects.toMatchObject({ name: "AbortError" });
    gateway.go();
    const next = await gateway.ask({ user: "me" }).response;
    expect(next.status).toBe(200);
    expect(gateway.runtime.turns[1]?.history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  });

  test("and that comes back with its key gets the answer of the same run", async () => {
    await using gateway = await start();
    const headers = { "idempotency-key": "k" };
    const { leave, response } = gateway.ask({}, headers);
    await gateway.begun;
    leave();
    await expect(response).rejects.toMatchObject({ name: "AbortError" });
    const again = gateway.ask({}, headers);
    gateway.go();
    expect(await (await again.response).json()).toMatchObject({ choices: [{ message: { content: "one two" } }] });
    expect(gateway.runtime.turns).toHaveLength(1);
  });
});

test("a run that somebody else stops has no answer", async () => {
  await using gateway = await start();
  const { response } = gateway.ask({ user: "me" });
  await gateway.begun;
  await gateway.gateway.call(
    "chat.abort",
    { sessionKey: "agent:main:openai-user:me" },
    {
      principal: { id: "p", role: "operator", scopes: ["operator.write"], displayName: "p", causedByAgent: false },
      signal: new AbortController().signal,
    },
  );
  const refused = await response;
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: { code: "run_aborted" } }]);
  expect(refused.headers.get("x-should-retry")).toBe("false");
});
