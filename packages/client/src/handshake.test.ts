import { describe, expect, test, vi } from "vitest";
import { createNodeClient, GatewayError, type NodeClientOptions } from "./index.ts";
import { connectScriptedClient, createHello, createScriptedClient, rejectionOf } from "./testing/index.ts";

describe("handshake", () => {
  test("waits for the challenge, sends connect, resolves with hello-ok", async () => {
    await using scripted = await createScriptedClient((url) => ({
      url: `${url}/ws?x=1`,
      scopes: ["operator.read"],
      caps: ["tool-events"],
    }));
    const { server, client } = scripted;
    const connecting = client.connect();
    const gateway = await server.accept();
    expect(gateway.path).toBe("/ws?x=1");
    const request = await gateway.welcome({ server: { version: "2026.11.20", connId: "c1" }, novelty: { deep: 1 } });
    expect(request.params).toMatchObject({
      minProtocol: 3,
      maxProtocol: 4,
      client: { id: "gateway-client", mode: "backend", platform: process.platform },
      role: "operator",
      scopes: ["operator.read"],
      caps: ["tool-events", "stream-positions"],
      auth: { token: "secret" },
    });
    expect(request.params).not.toHaveProperty("device");
    const hello = await connecting;
    expect(hello.server.connId).toBe("c1");
    expect(client.hello).toBe(hello);
    expect(client.state).toEqual({ at: "ready", hello });
    // Asking again opens no second link.
    expect(await client.connect()).toBe(hello);
    expect(server.accepted).toBe(1);
  });

  test("connects first where a proxy wants it; the challenge that comes late changes nothing", async () => {
    await using scripted = await createScriptedClient({ connectsFirst: true });
    const { server, client } = scripted;
    const connecting = client.connect();
    const gateway = await server.accept();
    const request = await gateway.receive("connect");
    expect(request.params).not.toHaveProperty("device");
    gateway.event("connect.challenge", { nonce: "late", ts: 1 });
    gateway.respond(request, createHello());
    await connecting;
    const asked = client.request("health");
    gateway.respond(await gateway.receive("health"), {});
    expect(await asked).toEqual({});
  });

  test("cannot sign a challenge that it does not wait for", () => {
    const signDevice = () => ({ id: "d", publicKey: "k", signature: "s", signedAt: 1 });
    expect(() => createNodeClient({ connectsFirst: true, signDevice })).toThrow(/connectsFirst: .*leave one of them/);
  });

  test("fills in what a minimal hello leaves out", async () => {
    await using scripted = await connectScriptedClient(
      {},
      { features: undefined, policy: undefined, snapshot: undefined },
    );
    const { client } = scripted;
    expect(client.hello).toMatchObject({ features: { methods: [] }, policy: { tickIntervalMs: 30_000 } });
  });

  test("signs the challenge with the gateway's time", async () => {
    const signDevice = vi.fn<NonNullable<NodeClientOptions["signDevice"]>>(async ({ signedAtMs, nonce }) => ({
      id: "device-1",
      publicKey: "key",
      signature: "signature",
      signedAt: signedAtMs,
      ...(nonce === undefined ? {} : { nonce }),
    }));
    await using scripted = await createScriptedClient({ signDevice, scopes: ["operator.write", "operator.read"] });
    const { server, client } = scripted;
    const connecting = client.connect();
    const request = await (await server.accept()).welcome();
    await connecting;
    expect(request.params).toMatchObject({ device: { id: "device-1", signedAt: 1_700_000_000_000, nonce: "nonce-1" } });
    expect(signDevice).toHaveBeenCalledExactlyOnceWith({
      clientId: "gateway-client",
      clientMode: "backend",
      role: "operator",
      scopes: ["operator.write", "operator.read"],
      signedAtMs: 1_700_000_000_000,
      token: "secret",
      nonce: "nonce-1",
      platform: process.platform,
    });
  });

  test("a device token is sent in its own member, and only without a shared token", async () => {
    await using scripted = await createScriptedClient({ token: undefined, deviceToken: "dt", password: "pw" });
    const { server, client } = scripted;
    const connecting = client.connect();
    const request = await (await server.accept()).welcome();
    await connecting;
    expect(request.params).toMatchObject({ auth: { deviceToken: "dt", password: "pw" } });
    expect(request.params).not.toHaveProperty("auth.token");
  });

  test("events and late answers before hello-ok disturb nothing", async () => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    const connecting = client.connect();
    const gateway = await server.accept();
    gateway.sendText("not json");
    gateway.send([1, 2]);
    gateway.send({ type: "res", id: "nobody", ok: true });
    gateway.event("tick", { ts: 1 }, { seq: 7 });
    await gateway.welcome();
    expect((await connecting).protocol).toBe(4);
  });
});

describe("refused by the gateway", () => {
  test.each([
    [
      "auth-rejected",
      { message: "unauthorized: gateway token mismatch (x)", details: { code: "AUTH_TOKEN_MISMATCH" } },
    ],
    ["auth-rejected", { message: "unauthorized: gateway token missing" }],
    ["pairing-required", { code: "NOT_PAIRED" as const, message: "pairing required", details: { requestId: "r1" } }],
    ["protocol-mismatch", { message: "protocol mismatch", details: { expectedProtocol: 3 } }],
    ["refused", { message: "invalid connect params: at /client/id: must be equal to one of the allowed values" }],
  ])("%s ends the story with the gateway's error", async (reason, error) => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    const refused = rejectionOf(client.connect());
    const held = rejectionOf(client.request("health"));
    const gateway = await server.accept();
    gateway.event("connect.challenge", { nonce: "n", ts: 1 });
    gateway.refuse(await gateway.receive("connect"), error);
    const thrown = await refused;
    expect(thrown).toBeInstanceOf(GatewayError);
    expect(thrown).toMatchObject({ message: error.message });
    expect(client.state).toMatchObject({ at: "stopped", reason, error: thrown });
    expect(await held).toMatchObject({ name: "ConnectionError", reason: "closed", cause: thrown });
    expect(server.accepted).toBe(1);
    // And later requests say why, too.
    expect(await rejectionOf(client.request("health"))).toMatchObject({ reason: "closed", cause: thrown });
  });

  test("a close with 1008 and no answer is a refusal, too", async () => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    const refused = rejectionOf(client.connect());
    (await server.accept()).close(1008, "pairing required: not-paired (requestId: r1)");
    expect(await refused).toMatchObject({ name: "ConnectionError", closeCode: 1008 });
    expect(client.state).toMatchObject({ at: "stopped", reason: "pairing-required" });
  });

  test("a gateway that is still starting is asked again", async () => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    const connecting = client.connect();
    const first = await server.accept();
    first.event("connect.challenge", { nonce: "n", ts: 1 });
    first.refuse(await first.receive(), { code: "UNAVAILABLE", message: "starting", retryable: true, retryAfterMs: 1 });
    await (await server.accept()).welcome();
    expect((await connecting).type).toBe("hello-ok");
  });

  test("a signature that cannot be made ends the story", async () => {
    await using scripted = await createScriptedClient({
      reconnect: false,
      signDevice: () => Promise.reject(new Error("no key")),
    });
    const { server, client } = scripted;
    const refused = rejectionOf(client.connect());
    (await server.accept()).event("connect.challenge", { nonce: "n", ts: 1 });
    expect(await refused).toMatchObject({ message: "signing the challenge failed: no key" });
  });
});
