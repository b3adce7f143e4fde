import { Agent, get as httpGet } from "node:http";
import { describe, expect, test } from "vitest";
import { Secret } from "../platform/secret.ts";
import type { GatewaySettings } from "../settings.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { createTestDevice, type TestDevice } from "../testing/test-device.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import type { SharedAuth } from "./shared-secret.ts";
import type { TrustedProxyAuth } from "./trusted-proxy.ts";

const token = (secret: string): SharedAuth => ({ mode: "token", secret: new Secret(secret) });
const password = (secret: string): SharedAuth => ({ mode: "password", secret: new Secret(secret) });
const proxy: TrustedProxyAuth = {
  userHeader: "x-forwarded-user",
  requiredHeaders: [],
  allowUsers: ["ada@example.com"],
  secret: new Secret("between us"),
  secretHeader: "x-openclaw-proxy-secret",
  scopes: ["operator.read", "operator.write"],
};
const proxied = (over: Partial<TrustedProxyAuth> = {}): SharedAuth => ({
  mode: "trusted-proxy",
  secret: new Secret("secret"),
  proxy: { ...proxy, ...over },
});
const behindProxy = { auth: proxied(), trustedProxies: ["127.0.0.1"] };
const asAda = {
  "x-forwarded-for": "198.51.100.4",
  "x-forwarded-user": "ada@example.com",
  "x-openclaw-proxy-secret": "between us",
};
const claim = { "x-forwarded-for": "100.101.102.103", "tailscale-user-login": "ada@example.com" };
const nothing = { auth: {}, scopes: ["operator.read"] };

async function open(settings: Partial<GatewaySettings> = {}, whois = async () => ({ login: "ada@example.com" })) {
  const clock = createManualClock();
  const started = await startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    { settings, clock, whois },
  );
  return {
    ...started,
    clock,
    reconfigure: (change: Partial<GatewaySettings>) => {
      started.gateway.reconfigure({ ...started.settings, ...change });
      clock.advance(1_000);
    },
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}
type Client = Awaited<ReturnType<typeof openSocket>>;
const ask = (client: Client) => {
  client.send({ type: "req", id: "h", method: "health" });
  return client.answer("h");
};
const ended = { code: 1008, reason: "gateway auth changed" };

type Case = [
  what: string,
  before: Partial<GatewaySettings>,
  headers: Record<string, string>,
  shown: Record<string, unknown>,
  after: Partial<GatewaySettings>,
];

/** Connects with a device of its own, as clients that keep their tokens do. */
async function joinAs(url: string, device: TestDevice, headers: Record<string, string>, auth: Record<string, string>) {
  const client = await openSocket(url, headers);
  const { payload } = await client.event("connect.challenge");
  const hello = await client.connect(device.connectParams(payload as { nonce: string; ts: number }, { auth }));
  return { client, hello };
}

describe("T-C3: settings that change while running end the sockets they no longer allow", () => {
  test.each<Case>([
    ["another token", {}, {}, {}, { auth: token("another") }],
    ["a password in the place of the token", {}, {}, {}, { auth: password("secret") }],
    ["another password", { auth: password("old") }, {}, { auth: { password: "old" } }, { auth: password("new") }],
    ["a gateway that asked for nothing", { auth: { mode: "none" } }, {}, nothing, { auth: token("secret") }],
    ["no local bypass any more", { localBypass: true }, {}, nothing, { localBypass: false }],
    ["another mode than the proxy's", behindProxy, asAda, nothing, { auth: token("secret") }],
    ["another secret of the proxy", behindProxy, asAda, nothing, { auth: proxied({ secret: new Secret("new") }) }],
    [
      "a user nobody lists any more",
      behindProxy,
      asAda,
      nothing,
      { auth: proxied({ allowUsers: ["eve@example.com"] }) },
    ],
    ["a proxy nobody trusts any more", behindProxy, asAda, nothing, { trustedProxies: ["192.0.2.1"] }],
  ])("%s", async (_, before, headers, shown, after) => {
    await using test = await open(before);
    using client = await openSocket(test.url, headers);
    expect(await client.connect(shown)).toMatchObject({ ok: true });
    test.reconfigure({ ...before, ...after });
    expect(await client.closed()).toEqual(ended);
    using again = await openSocket(test.url, headers);
    expect(await again.connect(shown)).toMatchObject({ ok: false });
  });

  test("a user who may do less is let in again with less", async () => {
    await using test = await open(behindProxy);
    using client = await openSocket(test.url, asAda);
    await client.connect({ auth: {}, scopes: ["operator.write"] });
    test.reconfigure({ ...behindProxy, auth: proxied({ scopes: ["operator.read"] }) });
    expect(await client.closed()).toEqual(ended);
    using again = await openSocket(test.url, asAda);
    expect(await again.connect({ auth: {}, scopes: ["operator.write"] })).toMatchObject({
      payload: { auth: { scopes: [] } },
    });
  });

  test("pages of an origin that nobody lists any more", async () => {
    const [gone, kept] = ["https://chat.example", "https://other.example"];
    await using test = await open({ allowedOrigins: [gone, kept] });
    using page = await openSocket(test.url, { origin: gone });
    using other = await openSocket(test.url, { origin: kept });
    await Promise.all([page.connect(), other.connect()]);
    test.reconfigure({ allowedOrigins: [kept] });
    expect(await page.closed()).toEqual(ended);
    await expect(openSocket(test.url, { origin: gone })).rejects.toThrow("403");
    expect(await ask(other)).toMatchObject({ ok: true });
  });

  test("devices that came by the secret or the tailnet, not those that showed their token", async () => {
    await using test = await open({ allowTailscale: true });
    const [shared, own, member] = [createTestDevice(), createTestDevice(), createTestDevice()];
    const { client: bySecret } = await joinAs(test.url, shared, {}, { token: "secret" });
    const { client: owner } = await joinAs(test.url, own, {}, { token: "secret" });
    const { client: ofMember } = await joinAs(test.url, member, {}, { token: "secret" });
    for (const client of [owner, ofMember]) client.socket.terminate();
    const { hello } = await joinAs(test.url, own, {}, { token: "secret" });
    const { deviceToken } = (hello.payload as { auth: { deviceToken: string } }).auth;
    const { client: byToken } = await joinAs(test.url, own, {}, { deviceToken });
    const { client: byTailnet, hello: welcome } = await joinAs(test.url, member, claim, {});
    expect(welcome).toMatchObject({ payload: { auth: { method: "tailscale" } } });
    test.reconfigure({ auth: token("another"), allowTailscale: true });
    expect(await bySecret.closed()).toEqual(ended);
    expect(await ask(byTailnet)).toMatchObject({ ok: true });
    test.reconfigure({ auth: token("another"), allowTailscale: false });
    expect(await byTailnet.closed()).toEqual(ended);
    expect(await ask(byToken)).toMatchObject({ ok: true });
    byToken.socket.terminate();
  });

  test("nobody whom the change does not concern", async () => {
    await using test = await open();
    using client = await openSocket(test.url);
    await client.connect();
    test.reconfigure({ allowedOrigins: ["https://chat.example"], allowTailscale: true, auth: token("secret") });
    test.reconfigure({ auth: proxied(), trustedProxies: ["192.0.2.1"] });
    expect(await ask(client)).toMatchObject({ ok: true });
  });

  test("and somebody half-way through the handshake does not slip by", async () => {
    const asked = Promise.withResolvers<void>();
    const told = Promise.withResolvers<{ login: string }>();
    await using test = await open({ allowTailscale: true }, () => (asked.resolve(), told.promise));
    const joining = joinAs(test.url, createTestDevice(), claim, {});
    await asked.promise;
    test.reconfigure({ allowTailscale: false });
    told.resolve({ login: "ada@example.com" });
    expect((await joining).hello.ok).toBe(false);
  });

  test("and requests over a connection that is kept alive", async () => {
    await using test = await open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const get = (bearer: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { authorization: `Bearer ${bearer}` };
        httpGet(`${test.url}control-ui-config.json`, { agent, headers }, (response) => {
          response.resume().on("end", () => resolve(response.statusCode));
        }).on("error", reject);
      });
    expect(await get("secret")).toBe(200);
    test.reconfigure({ auth: token("another") });
    expect([await get("secret"), await get("another")]).toEqual([401, 200]);
    agent.destroy();
  });
});

test("a failed guess counts by the limits of the moment", async () => {
  await using test = await open();
  const guess = async () => {
    using client = await openSocket(test.url);
    return (await client.connect({ auth: { token: "no" } })).error?.details?.["code"];
  };
  expect(await guess()).toBe("AUTH_TOKEN_MISMATCH");
  test.reconfigure({ rateLimit: { maxFailures: 2, windowMs: 60_000, lockoutMs: 60_000 } });
  expect([await guess(), await guess()]).toEqual(["AUTH_TOKEN_MISMATCH", "AUTH_RATE_LIMITED"]);
});
