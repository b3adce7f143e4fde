import { describe, expect, test } from "vitest";
import type { GatewayConfig } from "../../config/schema.ts";
import { Secret } from "../../platform/secret.ts";
import type { GatewaySettings } from "../../settings.ts";
import { answer, createScriptedRuntime, untilAborted } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

const config: GatewayConfig = { gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } } };
const json = { "content-type": "application/json" };
const body = JSON.stringify({ messages: [{ role: "user", content: "x" }] });

async function start(settings: Partial<GatewaySettings>, script = () => answer("hi")) {
  const gateway = await startTestGateway(createScriptedRuntime(script), { config, settings });
  const chat = (headers: Record<string, string>) =>
    fetch(new URL("/v1/chat/completions", gateway.url), { method: "POST", headers, body });
  const models = (headers: Record<string, string> = {}) => fetch(new URL("/v1/models", gateway.url), { headers });
  return { ...gateway, chat, models };
}

describe("every mode lets in whom it lets in on a socket", () => {
  test("a password", async () => {
    await using gateway = await start({ auth: { mode: "password", secret: new Secret("open sesame") } });
    expect((await gateway.chat({ ...json, authorization: "Bearer open sesame" })).status).toBe(200);
    expect((await gateway.chat({ ...json, authorization: "Bearer open" })).status).toBe(401);
    expect((await gateway.chat(json)).status).toBe(401);
  });

  test("nothing, for this machine and JSON alone", async () => {
    await using gateway = await start({ auth: { mode: "none" } });
    expect((await gateway.chat(json)).status).toBe(200);
    expect((await gateway.chat({ "content-type": "text/plain" })).status).toBe(415);
    expect((await gateway.chat({ ...json, origin: "https://evil.example" })).status).toBe(403);
    expect((await gateway.chat({ ...json, "x-forwarded-for": "192.0.2.1" })).status).toBe(401);
  });

  test("a user of the trusted proxy, with what such users may do", async () => {
    const proxy = {
      userHeader: "x-forwarded-user",
      requiredHeaders: [],
      allowUsers: ["ada@example.com"],
      secret: new Secret("between us"),
      secretHeader: "x-openclaw-proxy-secret",
      scopes: ["operator.read"],
    };
    await using gateway = await start({
      auth: { mode: "trusted-proxy", secret: new Secret("secret"), proxy },
      trustedProxies: ["127.0.0.1"],
    });
    const ada = {
      ...json,
      "x-forwarded-for": "198.51.100.4",
      "x-forwarded-user": "ada@example.com",
      "x-openclaw-proxy-secret": "between us",
    };
    expect((await gateway.models(ada)).status).toBe(200);
    expect((await gateway.chat(ada)).status).toBe(403);
    expect((await gateway.models({ ...ada, "x-forwarded-user": "eve@example.com" })).status).toBe(401);
  });
});

test("too much to do is an answer that says when to come again", async () => {
  const begun = Promise.withResolvers<void>();
  const runtime = createScriptedRuntime(async function* (_turn, signal) {
    begun.resolve();
    await untilAborted(signal);
    yield { type: "end", stopReason: "aborted" };
  });
  await using gateway = await startTestGateway(runtime, {
    config,
    settings: { maxRunningTurns: 1, maxQueuedTurns: 1 },
  });
  const leaving = new AbortController();
  const ask = () =>
    fetch(new URL("/v1/chat/completions", gateway.url), {
      method: "POST",
      headers: { ...json, authorization: "Bearer secret" },
      body,
      signal: leaving.signal,
    });
  ask().catch(() => undefined);
  await begun.promise;
  // One of them waits, the other finds no room, whichever comes first.
  const refused = await Promise.race([ask(), ask()]);
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: { type: "unavailable" } }]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.headers.get("x-should-retry")).toBeNull();
  leaving.abort();
});
