import { describe, expect, test } from "vitest";
import { Secret } from "../platform/secret.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import type { TrustedProxyAuth } from "./trusted-proxy.ts";

const start = (over: Parameters<typeof startTestGateway>[1]) =>
  startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    over,
  );
const none = { auth: {} };

const proxy: TrustedProxyAuth = {
  userHeader: "x-forwarded-user",
  requiredHeaders: [],
  allowUsers: ["ada@example.com"],
  secret: new Secret("between us"),
  secretHeader: "x-openclaw-proxy-secret",
  scopes: ["operator.read", "operator.write"],
};
const behindProxy = {
  auth: { mode: "trusted-proxy" as const, secret: new Secret("secret"), proxy },
  trustedProxies: ["127.0.0.1"],
};
const asAda = {
  "x-forwarded-for": "198.51.100.4",
  "x-forwarded-user": "ada@example.com",
  "x-openclaw-proxy-secret": "between us",
};

describe("T-B6: a user of the trusted proxy", () => {
  test("is let in with no more than the proxy's users may do", async () => {
    await using test = await start({ settings: behindProxy });
    using client = await openSocket(test.url, asAda);
    const hello = await client.connect({ ...none, scopes: ["operator.admin", "operator.read"] });
    expect(hello).toMatchObject({
      ok: true,
      payload: { auth: { method: "trusted-proxy", scopes: ["operator.read"] } },
    });
  });

  test.each([
    ["without the proxy's secret", { "x-openclaw-proxy-secret": undefined }, "AUTH_UNAUTHORIZED"],
    ["with a wrong secret", { "x-openclaw-proxy-secret": "guess" }, "AUTH_UNAUTHORIZED"],
    ["without a user", { "x-forwarded-user": undefined }, "AUTH_IDENTITY_HEADER_REQUIRED"],
    ["whom nobody listed", { "x-forwarded-user": "eve@example.com" }, "AUTH_VERIFIED_USER_REQUIRED"],
  ])("is refused %s", async (_, change, code) => {
    await using test = await start({ settings: behindProxy });
    const headers = Object.entries({ ...asAda, ...change }).filter(([, value]) => value !== undefined);
    using client = await openSocket(test.url, Object.fromEntries(headers) as Record<string, string>);
    const refused = await client.connect(none);
    expect(refused).toMatchObject({ ok: false, error: { details: { code, hint: expect.any(String) } } });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });

  test("is nobody when the headers come from elsewhere than the proxy", async () => {
    await using test = await start({ settings: { ...behindProxy, trustedProxies: ["192.0.2.1"] } });
    using client = await openSocket(test.url, asAda);
    expect((await client.connect(none)).ok).toBe(false);
    using own = await openSocket(test.url);
    expect((await own.connect()).ok).toBe(true);
  });
});

describe("a user of the tailnet", () => {
  const claim = { "x-forwarded-for": "100.101.102.103", "tailscale-user-login": "ada@example.com" };
  const settings = { allowTailscale: true };
  const device = { auth: {} };

  test.each([
    ["tailscaled knows another one", async () => ({ login: "eve@example.com" }), "AUTH_TAILSCALE_IDENTITY_MISMATCH"],
    ["tailscaled knows nobody", async () => undefined, "AUTH_TAILSCALE_WHOIS_FAILED"],
    ["it is the right one, but no device", async () => ({ login: "Ada@example.com" }), "DEVICE_IDENTITY_REQUIRED"],
  ])("is refused when %s", async (_, whois, code) => {
    await using test = await start({ settings, whois });
    using client = await openSocket(test.url, claim);
    expect(await client.connect(device)).toMatchObject({ ok: false, error: { details: { code } } });
  });

  test("is not asked about when the gateway does not allow it", async () => {
    let asked = 0;
    const whois = async (): Promise<undefined> => {
      asked++;
    };
    await using test = await start({ whois });
    using client = await openSocket(test.url, claim);
    expect(await client.connect(device)).toMatchObject({
      ok: false,
      error: { details: { code: "DEVICE_IDENTITY_REQUIRED" } },
    });
    expect(asked).toBe(0);
  });
});

test("this machine needs no secret where the configuration says so, but a page and a forwarded one do", async () => {
  await using test = await start({ settings: { localBypass: true } });
  using local = await openSocket(test.url);
  expect((await local.connect(none)).ok).toBe(true);
  using page = await openSocket(test.url, { origin: test.url.replace(/\/$/, "") });
  expect((await page.connect(none)).ok).toBe(false);
  using forwarded = await openSocket(test.url, { "x-forwarded-for": "127.0.0.1" });
  expect((await forwarded.connect(none)).ok).toBe(false);
  await using closed = await start({});
  using stranger = await openSocket(closed.url);
  expect((await stranger.connect(none)).ok).toBe(false);
});

test("behind a trusted proxy guesses are counted by the address it forwards for", async () => {
  await using test = await start({ settings: { trustedProxies: ["127.0.0.1"] } });
  const guess = async (address: string, token: string) => {
    using client = await openSocket(test.url, { "x-forwarded-for": address });
    return (await client.connect({ auth: { token } })).error?.details?.["code"];
  };
  for (let count = 0; count < 10; count++) expect(await guess("198.51.100.4", "no")).toBe("AUTH_TOKEN_MISMATCH");
  expect(await guess("198.51.100.4", "secret")).toBe("AUTH_RATE_LIMITED");
  expect(await guess("198.51.100.5", "secret")).toBeUndefined();
  // What a client puts before the proxy's own entry is only a claim.
  expect(await guess("203.0.113.9, 198.51.100.4", "secret")).toBe("AUTH_RATE_LIMITED");
});
