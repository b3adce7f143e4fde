import { describe, expect, test } from "vitest";
import { createMemoryClient } from "../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { createTestDevice, type TestDevice } from "../testing/test-device.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import type { Peer } from "../transport/transport.ts";

const start = (over: Parameters<typeof startTestGateway>[1] = {}) =>
  startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    over,
  );
type Test = Awaited<ReturnType<typeof start>>;
type Asked = Parameters<TestDevice["connectParams"]>[1];

const remote: Partial<Peer> = { address: "192.0.2.7", isLoopback: false, isSecure: true };
const connect = async (test: Test, device: TestDevice, asked?: Asked, peer: Partial<Peer> = {}) => {
  const client = createMemoryClient(test.gateway, peer);
  return { client, hello: await client.connectAs(device, asked) };
};
const owner = async (test: Test, scopes: readonly string[] = ["operator.admin"]) => {
  const client = createMemoryClient(test.gateway);
  await client.connect({ scopes });
  return client;
};
const authOf = (hello: { payload?: Record<string, unknown> }) => hello.payload?.["auth"] as Record<string, unknown>;
const requestIdOf = (refusal: { error?: { details?: Record<string, unknown> } }) =>
  String(refusal.error?.details?.["requestId"]);
/** Pairs by approval, from another machine. */
const pair = async (test: Test, device: TestDevice, asked: Asked = {}) => {
  const { hello } = await connect(test, device, asked, remote);
  const admin = await owner(test);
  await admin.request("device.pair.approve", { requestId: requestIdOf(hello) });
  return (await connect(test, device, asked, remote)).hello;
};

describe("a device of this machine with the secret", () => {
  test("is paired silently, keeps its token, and needs no secret any more", async () => {
    await using test = await start();
    const admin = await owner(test);
    const device = createTestDevice();
    const first = await connect(test, device, { scopes: ["operator.read"] });
    expect(authOf(first.hello)).toMatchObject({ method: "token", role: "operator", scopes: ["operator.read"] });
    const { deviceToken } = authOf(first.hello) as { deviceToken: string };
    expect(deviceToken).toMatch(/^ocd_[\w-]{43}$/);
    expect((await admin.event("device.pair.resolved")).payload).toMatchObject({
      decision: "approved",
      deviceId: device.id,
    });
    expect(admin.events("device.pair.requested")).toEqual([]);
    const again = await connect(test, device, { scopes: ["operator.read"] });
    expect(authOf(again.hello)).toMatchObject({ deviceToken });
    const alone = await connect(test, device, { scopes: ["operator.read"], auth: { deviceToken } }, remote);
    expect(authOf(alone.hello)).toMatchObject({ method: "device-token", deviceToken });
  });

  test("gets a new token when it comes with a stale one and the secret", async () => {
    await using test = await start();
    const device = createTestDevice();
    const { hello } = await connect(test, device);
    const stale = await connect(test, device, { auth: { token: "secret", deviceToken: "ocd_stale" } });
    expect(authOf(stale.hello)).toMatchObject({ deviceToken: authOf(hello)["deviceToken"] });
    const wrong = await connect(test, device, { auth: { deviceToken: "ocd_stale" } });
    expect(wrong.hello).toMatchObject({ ok: false, error: { details: { code: "AUTH_DEVICE_TOKEN_MISMATCH" } } });
    expect(await wrong.client.closed()).toMatchObject({ code: 1008 });
  });
});

describe("a device from elsewhere", () => {
  test("waits, is approved, and is let in; its request is one however often it asks", async () => {
    await using test = await start();
    const admin = await owner(test);
    const device = createTestDevice();
    const refused = await connect(test, device, {}, remote);
    expect(refused.hello).toMatchObject({
      ok: false,
      error: { code: "NOT_PAIRED", retryable: false, details: { code: "PAIRING_REQUIRED", reason: "not-paired" } },
    });
    expect(await refused.client.closed()).toMatchObject({ code: 1008, reason: expect.stringContaining("requestId") });
    const requestId = requestIdOf(refused.hello);
    expect(requestIdOf((await connect(test, device, { scopes: ["operator.admin"] }, remote)).hello)).toBe(requestId);
    expect(admin.events("device.pair.requested")).toHaveLength(1);
    const { payload } = await admin.request("device.pair.list");
    expect(payload).toMatchObject({ pending: [{ requestId, scopes: ["operator.read"], remoteIp: "192.0.2.7" }] });
    const approved = await admin.request("device.pair.approve", { requestId });
    expect(approved).toMatchObject({ ok: true, payload: { device: { deviceId: device.id, approvedVia: "owner" } } });
    expect((await connect(test, device, {}, remote)).hello.ok).toBe(true);
    expect(JSON.stringify((await admin.request("device.pair.list")).payload)).not.toContain("ocd_");
  });

  test("is forgotten after five minutes, and at most ten wait from one address", async () => {
    await using test = await start();
    const admin = await owner(test);
    for (let count = 0; count < 10; count++) await connect(test, createTestDevice(), {}, remote);
    const eleventh = await connect(test, createTestDevice(), {}, remote);
    expect(eleventh.hello).toMatchObject({
      error: { code: "UNAVAILABLE", retryable: true, details: { code: "PAIRING_REQUESTS_FULL" } },
    });
    const elsewhere = await connect(test, createTestDevice(), {}, { ...remote, address: "192.0.2.8" });
    expect(elsewhere.hello).toMatchObject({ error: { code: "NOT_PAIRED" } });
    expect((await admin.request("device.pair.list")).payload?.["pending"]).toHaveLength(11);
  });

  test("has a name that is one bounded line, and keeps the one it is given", async () => {
    await using test = await start();
    const device = createTestDevice();
    await pair(test, device);
    const admin = await owner(test);
    const rename = (label: string) => admin.request("device.pair.rename", { deviceId: device.id, label });
    expect(await rename(" Küche\u202e\u001b[2J  links ")).toMatchObject({ payload: { label: "Küche [2J links" } });
    expect(await rename("\u200b \n")).toMatchObject({ ok: false, error: { message: "label required" } });
    expect(await rename("x".repeat(65))).toMatchObject({ ok: false, error: { code: "INVALID_REQUEST" } });
    const { payload } = await admin.request("device.pair.list");
    expect(payload).toMatchObject({ paired: [{ displayName: "Küche [2J links" }] });
  });
});

test("T-A3: a browser's device is paired silently only with the secret", async () => {
  const page: Partial<Peer> = { headers: { host: "localhost", origin: "http://localhost", forwarded: false } };
  await using open = await start({ settings: { auth: { mode: "none" } } });
  const visitor = await connect(open, createTestDevice(), { auth: {} }, page);
  expect(visitor.hello.ok).toBe(true);
  expect(authOf(visitor.hello)).not.toHaveProperty("deviceToken");
  const admin = createMemoryClient(open.gateway);
  await admin.connect({ auth: {} });
  expect((await admin.request("device.pair.list")).payload).toEqual({ pending: [], paired: [] });
  await using closed = await start();
  const knowing = await connect(closed, createTestDevice(), {}, page);
  expect(authOf(knowing.hello)).toHaveProperty("deviceToken");
});

test("T-A3: a thousand wrong secrets of a local page are locked out after ten, sent at once or with a device too", async () => {
  await using test = await start();
  const page: Partial<Peer> = { headers: { host: "localhost", origin: "http://localhost", forwarded: false } };
  const codes = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const asked = { auth: { token: `guess ${index}` } };
      const { hello } =
        index % 2 === 0
          ? await connect(test, createTestDevice(), asked, page)
          : { hello: await createMemoryClient(test.gateway, page).connect(asked) };
      return hello.error?.details?.["code"];
    }),
  );
  expect(codes.filter((code) => code === "AUTH_TOKEN_MISMATCH").length).toBeLessThanOrEqual(10);
  const blocked = await createMemoryClient(test.gateway, page).connect();
  expect(blocked).toMatchObject({ error: { retryable: true, details: { code: "AUTH_RATE_LIMITED" } } });
  // Programs of this machine are counted by themselves.
  expect((await createMemoryClient(test.gateway).connect()).ok).toBe(true);
});

test("T-B2: a wrong token without a device is refused, and so is a device token without its device", async () => {
  await using test = await start();
  const { hello } = await connect(test, createTestDevice());
  const { deviceToken } = authOf(hello) as { deviceToken: string };
  for (const token of ["wrong", deviceToken]) {
    const client = createMemoryClient(test.gateway);
    expect(await client.connect({ auth: { token } })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("gateway token mismatch") },
    });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  }
});

test("T-B3: a name, a mode or a foreign device id widens nothing", async () => {
  await using test = await start();
  const device = createTestDevice();
  await pair(test, device, { scopes: ["operator.read"] });
  const other = createTestDevice();
  for (const scopes of [["operator.admin"], ["operator.read", "operator.pairing"], []]) {
    const { hello } = await connect(test, device, { scopes }, remote);
    expect(hello, scopes.join()).toMatchObject({ ok: false, error: { code: "NOT_PAIRED" } });
  }
  const client = createMemoryClient(test.gateway, remote);
  const challenge = (await client.event("connect.challenge")).payload as { nonce: string; ts: number };
  const params = other.connectParams(challenge);
  const refused = await client.request("connect", { ...params, device: { ...params.device, id: device.id } });
  expect(refused).toMatchObject({ error: { details: { code: "DEVICE_AUTH_DEVICE_ID_MISMATCH" } } });
});

test.each([
  ["with the secret, from this machine", {}, {}],
  ["with the secret, from elsewhere", {}, remote],
] as const)(
  "T-B4: reconnect with more scopes %s opens a request; the session keeps the old ones",
  async (_, over, peer) => {
    await using test = await start();
    const device = createTestDevice();
    await pair(test, device, { scopes: ["operator.read"] });
    const session = await connect(test, device, { scopes: ["operator.read"] }, peer);
    const more = await connect(test, device, { scopes: ["operator.read", "operator.admin"], ...over }, peer);
    expect(more.hello).toMatchObject({ error: { code: "NOT_PAIRED", details: { reason: "scope-upgrade" } } });
    expect(await session.client.request("health")).toMatchObject({ ok: true });
    expect(await session.client.request("audit.list")).toMatchObject({
      ok: false,
      error: { message: "missing scope: operator.admin" },
    });
    const admin = await owner(test);
    expect((await admin.request("device.pair.list")).payload).toMatchObject({
      pending: [{ isRepair: true, scopes: ["operator.read", "operator.admin"] }],
      paired: [{ scopes: ["operator.read"] }],
    });
    await admin.request("device.pair.approve", { requestId: requestIdOf(more.hello) });
    expect(await session.client.request("audit.list")).toMatchObject({ ok: false });
    const { hello } = await connect(test, device, { scopes: ["operator.admin"] }, peer);
    expect(authOf(hello)).toMatchObject({ scopes: ["operator.admin"] });
  },
);

test("T-B4: a device token asks for more like everybody else", async () => {
  await using test = await start();
  const device = createTestDevice();
  const { hello } = await connect(test, device);
  const { deviceToken } = authOf(hello) as { deviceToken: string };
  const more = await connect(test, device, { scopes: ["operator.admin"], auth: { deviceToken } });
  expect(more.hello).toMatchObject({ error: { details: { code: "PAIRING_REQUIRED", reason: "scope-upgrade" } } });
});

test.each([
  ["a forwarded connection", { headers: { host: "localhost", forwarded: true } }],
  ["a foreign name", { headers: { host: "gateway.example", forwarded: false } }],
  ["a foreign socket that claims localhost", { ...remote, headers: { host: "localhost", forwarded: false } }],
] satisfies [string, Partial<Peer>][])("T-B5: %s is not local: its device waits", async (_, peer) => {
  await using test = await start();
  const { hello } = await connect(test, createTestDevice(), {}, peer);
  expect(hello).toMatchObject({ error: { code: "NOT_PAIRED", details: { code: "PAIRING_REQUIRED" } } });
  await using open = await start({ settings: { auth: { mode: "none" }, localBypass: true } });
  const stranger = await createMemoryClient(open.gateway, peer).connect({ auth: {} });
  expect(stranger).toMatchObject({ ok: false, error: { details: { code: "AUTH_UNAUTHORIZED" } } });
});

test("T-B7: over plain HTTP from elsewhere nobody becomes admin; less may be asked for", async () => {
  await using test = await start();
  const plain = { ...remote, isSecure: false };
  const { hello } = await connect(test, createTestDevice(), { scopes: ["operator.admin"] }, plain);
  expect(hello).toMatchObject({ error: { details: { code: "DEVICE_AUTH_INSECURE_TRANSPORT" } } });
  const reader = await connect(test, createTestDevice(), { scopes: ["operator.read"] }, plain);
  expect(reader.hello).toMatchObject({ error: { details: { code: "PAIRING_REQUIRED" } } });
});

describe("T-C2: one-time codes and revocation", () => {
  const codeFrom = async (test: Test, params: Record<string, unknown> = {}): Promise<string> => {
    const { payload } = await (await owner(test)).request("device.pair.setupCode", params);
    const told = JSON.parse(Buffer.from(String(payload?.["setupCode"]), "base64url").toString("utf8"));
    return told.bootstrapToken;
  };

  test("a setup code pairs one device, once, with no more than it says", async () => {
    await using test = await start();
    const bootstrapToken = await codeFrom(test);
    const device = createTestDevice();
    const greedy = await connect(test, device, { scopes: ["operator.admin"], auth: { bootstrapToken } }, remote);
    expect(greedy.hello).toMatchObject({ error: { details: { code: "AUTH_SCOPE_MISMATCH" } } });
    const asked = { scopes: ["operator.read", "operator.write"], auth: { bootstrapToken } };
    const both = await Promise.all([
      connect(test, device, asked, remote),
      connect(test, createTestDevice(), asked, remote),
    ]);
    expect(both.map(({ hello }) => hello.ok).toSorted()).toEqual([false, true]);
    const winner = both.find(({ hello }) => hello.ok)!;
    expect(authOf(winner.hello)).toMatchObject({ method: "bootstrap-token", deviceToken: expect.any(String) });
    const replayed = await connect(test, createTestDevice(), asked, remote);
    expect(replayed.hello).toMatchObject({ error: { details: { code: "AUTH_BOOTSTRAP_TOKEN_INVALID" } } });
  });

  test("a code for nodes makes no operator", async () => {
    await using test = await start();
    const bootstrapToken = await codeFrom(test, { bootstrapProfile: "node" });
    const { hello } = await connect(test, createTestDevice(), { auth: { bootstrapToken } }, remote);
    expect(hello).toMatchObject({ error: { details: { code: "AUTH_BOOTSTRAP_TOKEN_INVALID" } } });
  });

  test("a revoked role comes back by a new approval only, from this machine too", async () => {
    await using test = await start();
    const device = createTestDevice();
    await connect(test, device);
    const admin = await owner(test);
    const role = { deviceId: device.id, role: "operator" };
    expect(await admin.request("device.token.revoke", role)).toMatchObject({ ok: true });
    expect(await admin.request("device.token.rotate", role)).toMatchObject({
      ok: false,
      error: { message: "unknown deviceId/role" },
    });
    const { hello } = await connect(test, device);
    expect(hello).toMatchObject({ error: { details: { reason: "role-upgrade" } } });
    await admin.request("device.pair.approve", { requestId: requestIdOf(hello) });
    expect((await connect(test, device)).hello.ok).toBe(true);
  });
});

describe("T-C3: within a second every session ends that", () => {
  const withToken = async (test: Test, device: TestDevice) => {
    const { hello } = await connect(test, device);
    const { deviceToken } = authOf(hello) as { deviceToken: string };
    return (await connect(test, device, { auth: { deviceToken } })).client;
  };
  test.each([
    ["revoke", "device.token.revoke", { role: "operator" }, "device token revoked"],
    ["rotate", "device.token.rotate", { role: "operator" }, "device token rotated"],
    ["remove", "device.pair.remove", {}, "device removed"],
  ])("%s concerns", async (_, method, params, reason) => {
    await using test = await start();
    const [device, bystander] = [createTestDevice(), createTestDevice()];
    const session = await withToken(test, device);
    const other = await withToken(test, bystander);
    const admin = await owner(test);
    const begun = performance.now();
    expect((await admin.request(method, { deviceId: device.id, ...params })).ok).toBe(true);
    expect(await session.closed()).toEqual({ code: 1008, reason });
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect((await other.request("health")).ok).toBe(true);
  });

  test("somebody half-way through the handshake does not slip by", async () => {
    await using test = await start();
    const device = createTestDevice();
    const { hello } = await connect(test, device);
    const { deviceToken } = authOf(hello) as { deviceToken: string };
    const admin = await owner(test);
    const revoked = admin.request("device.token.revoke", { deviceId: device.id, role: "operator" });
    const racing = Array.from({ length: 20 }, () => connect(test, device, { auth: { deviceToken } }));
    await revoked;
    const ends = await Promise.all(
      racing.map(async (session) => {
        const { client, hello: answered } = await session;
        return answered.ok ? (await client.closed()).reason : answered.error?.code;
      }),
    );
    const allowed = ["device token revoked", "INVALID_REQUEST", "UNAVAILABLE", "NOT_PAIRED"];
    expect(ends.filter((end) => !allowed.includes(end ?? ""))).toEqual([]);
  });

  test("and the caller who ends its own session gets its answer", async () => {
    await using test = await start();
    const device = createTestDevice();
    const { client } = await connect(test, device, { scopes: ["operator.pairing"] });
    const params = { deviceId: device.id, role: "operator" };
    expect(await client.request("device.token.revoke", params)).toMatchObject({ ok: true });
    expect(await client.closed()).toMatchObject({ reason: "device token revoked" });
  });
});
