import { afterEach, describe, expect, test, vi } from "vitest";
import { AuthenticationError, ConnectionError, GatewayClient, type GatewayConfig } from "./index.ts";
import { createManualClock, createScriptedServer, rejectionOf, untilState } from "./testing/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const environment = {};
const quick = { minDelayMs: 1, maxDelayMs: 1 };

async function startPair(config: GatewayConfig = {}, options: ConstructorParameters<typeof GatewayClient>[1] = {}) {
  const server = await createScriptedServer();
  const client = new GatewayClient(
    { url: server.url, token: "secret", environment, ...config },
    { autoReconnect: quick, ...options },
  );
  const heard: unknown[] = [];
  client.on("connected", () => heard.push("connected"));
  client.on("authenticated", ({ server: { connId } }) => heard.push(`authenticated ${connId}`));
  client.on("disconnected", (end) => heard.push(end));
  client.on("error", ({ name, message }) => heard.push(`${name}: ${message}`));
  return {
    server,
    client,
    heard,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.disconnect(), server.close()]);
    },
  };
}

describe("connect and disconnect", () => {
  test("as documented: host and port, a token, events, sessions", async () => {
    await using server = await createScriptedServer();
    const { hostname, port } = new URL(server.url);
    const client = new GatewayClient(
      { host: hostname, port: Number(port), token: "secret", environment },
      { autoReconnect: true, subscriptions: ["agent", "chat", "presence", "tick"] },
    );
    expect(client.connected).toBe(false);
    const connecting = client.connect();
    // Everybody who asks meanwhile waits for the same attempt.
    expect(client.connect()).toBe(connecting);
    const gateway = await server.accept();
    const { params } = await gateway.welcome();
    expect(params).toMatchObject({
      client: { id: "cli", mode: "cli" },
      role: "operator",
      scopes: ["operator.read", "operator.write"],
      auth: { token: "secret" },
    });
    await connecting;
    expect(client.connected).toBe(true);
    expect(client.isMock).toBe(false);
    const wanted: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      const request = await gateway.receive("subscribe");
      wanted.push(request.params);
      // Gateways that do not know the method refuse it, and nobody minds.
      gateway.refuse(request, { message: "unknown method: subscribe" });
    }
    expect(wanted).toEqual([{ event: "agent" }, { event: "chat" }, { event: "presence" }, { event: "tick" }]);

    const listing = client.sessionsList({ activeMinutes: 5, kinds: ["direct"] });
    const asked = await gateway.receive("sessions.list");
    expect(asked.params).toEqual({ activeMinutes: 5 });
    gateway.respond(asked, {
      sessions: [
        { key: "a", kind: "direct" },
        { key: "b", kind: "group" },
      ],
    });
    expect(await listing).toEqual([{ key: "a", kind: "direct" }]);

    await client.disconnect();
    expect(client.connected).toBe(false);
    expect(await gateway.closed).toEqual({ code: 1000, reason: "client closed" });
  });

  test("events of the connection, through a loss and back", async () => {
    await using pair = await startPair();
    const { server, client, heard } = pair;
    const connecting = client.connect();
    const first = await server.accept();
    await first.welcome({ server: { version: "1", connId: "one" } });
    await connecting;
    first.close(1012, "service restart");
    const second = await server.accept();
    // An attempt on the way back may fail; that is told and tried again.
    await untilState(client, "handshaking");
    second.terminate();
    await (await server.accept()).welcome({ server: { version: "1", connId: "two" } });
    await untilState(client, "ready");
    await client.disconnect();
    expect(heard).toEqual([
      "connected",
      "authenticated one",
      { code: 1012, reason: "service restart" },
      "connected",
      { code: 1006, reason: "connection closed (1006)" },
      "ConnectionError: WebSocket error: connection closed (1006)",
      "connected",
      "authenticated two",
      { code: 1000, reason: "client closed" },
    ]);
  });

  test("the first request connects by itself", async () => {
    await using pair = await startPair();
    const { server, client } = pair;
    const answered = client.api.health();
    const gateway = await server.accept();
    await gateway.welcome();
    gateway.respond(await gateway.receive("health"), { ok: true });
    expect(await answered).toEqual({ ok: true });
  });

  test("subscribe and unsubscribe by event; every new connection is asked again", async () => {
    await using pair = await startPair({}, { subscriptions: ["tick"] });
    const { server, client } = pair;
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    const next = async (from: typeof gateway): Promise<unknown> => {
      const request = await from.receive();
      from.respond(request, { ok: true });
      return [request.method, request.params];
    };
    expect(await next(gateway)).toEqual(["subscribe", { event: "tick" }]);
    const asked = client.subscribe("chat");
    expect(await next(gateway)).toEqual(["subscribe", { event: "chat" }]);
    await asked;
    const taken = client.unsubscribe("tick");
    expect(await next(gateway)).toEqual(["unsubscribe", { event: "tick" }]);
    await taken;
    // Nobody asked for it: nothing is sent.
    await client.unsubscribe("presence");
    gateway.terminate();
    const again = await server.accept();
    await again.welcome();
    expect(await next(again)).toEqual(["subscribe", { event: "chat" }]);
    // The methods of the catalogue that subscribe are the same as in the core.
    const { ready } = client.subscribe("sessions.subscribe");
    again.respond(await again.receive("sessions.subscribe"), { subscribed: true });
    expect(await ready).toEqual({ subscribed: true });
  });

  test("listeners: on, once, off, and what a gateway cannot say in the client's name", async () => {
    await using pair = await startPair();
    const { server, client, heard } = pair;
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    const ticks: string[] = [];
    const every = ({ ts }: { ts: number }): void => void ticks.push(`every ${ts}`);
    client.on("tick", every);
    client.once("tick", ({ ts }) => ticks.push(`once ${ts}`));
    const before = heard.length;
    const sawLast = new Promise<void>((resolve) => client.onEvent(({ event }) => event === "health" && resolve()));
    gateway.event("tick", { ts: 1 });
    gateway.event("tick", { ts: 2 });
    gateway.event("error", { message: "not yours to say" });
    gateway.event("health", {});
    await sawLast;
    client.off("tick", every);
    const sawMore = new Promise<void>((resolve) => client.onEvent(() => resolve()));
    gateway.event("tick", { ts: 3 });
    await sawMore;
    expect(ticks).toEqual(["every 1", "once 1", "every 2"]);
    expect(heard).toHaveLength(before);
  });
});

describe("what goes wrong", () => {
  test("a gateway that says nothing: the documented words, and nothing goes on", async () => {
    const clock = createManualClock();
    await using pair = await startPair({ clock });
    const { server, client } = pair;
    const failed = rejectionOf(client.connect());
    const gateway = await server.accept();
    await untilState(client, "handshaking");
    clock.advance(10_000);
    const error = await failed;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ reason: "timeout", message: "Connection timeout after 10000ms" });
    expect(client.state).toMatchObject({ at: "stopped", reason: "lost" });
    await gateway.closed;
    expect(clock.waiting).toBe(0);
  });

  test("nobody listens: a WebSocket error, at once", async () => {
    await using pair = await startPair();
    const { server, client, heard } = pair;
    await server.close();
    expect(await rejectionOf(client.connect())).toMatchObject({
      name: "ConnectionError",
      reason: "closed",
      message: expect.stringMatching(/^WebSocket error: .*ECONNREFUSED/),
    });
    expect(heard).toEqual([expect.stringMatching(/^ConnectionError: WebSocket error: /)]);
    // It may be asked again.
    expect(await rejectionOf(client.connect())).toMatchObject({ name: "ConnectionError" });
  });

  test.each(["refusal", "close"])(
    "a wrong token: AUTHENTICATION_ERROR with what the gateway said (%s)",
    async (how) => {
      await using pair = await startPair();
      const { server, client, heard } = pair;
      const failed = rejectionOf(client.connect());
      const gateway = await server.accept();
      gateway.event("connect.challenge", { nonce: "n", ts: 1 });
      const request = await gateway.receive("connect");
      const message = "unauthorized: gateway token mismatch (provide gateway auth token)";
      if (how === "refusal") gateway.refuse(request, { message, details: { code: "AUTH_TOKEN_MISMATCH" } });
      else gateway.close(1008, message);
      const error = await failed;
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({
        code: "AUTHENTICATION_ERROR",
        reason: "auth-rejected",
        message: `AUTHENTICATION_ERROR: ${message}`,
        details: how === "refusal" ? { code: "AUTH_TOKEN_MISMATCH" } : {},
        cause: { message },
      });
      expect(heard).toEqual([
        "connected",
        { code: 1008, reason: message },
        `AuthenticationError: AUTHENTICATION_ERROR: ${message}`,
      ]);
    },
  );

  test("a device that waits for approval: the id of what somebody has to approve", async () => {
    await using pair = await startPair();
    const { server, client } = pair;
    const failed = rejectionOf(client.connect());
    const gateway = await server.accept();
    gateway.event("connect.challenge", { nonce: "n", ts: 1 });
    gateway.refuse(await gateway.receive("connect"), {
      code: "NOT_PAIRED",
      message: "pairing required",
      details: { code: "PAIRING_REQUIRED", requestId: "r1" },
    });
    expect(await failed).toMatchObject({ reason: "pairing-required", details: { requestId: "r1" } });
  });

  test("autoReconnect: false leaves a lost connection lost", async () => {
    await using pair = await startPair({}, { autoReconnect: false });
    const { server, client, heard } = pair;
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome({ server: { version: "1", connId: "one" } });
    await connecting;
    const stopped = untilState(client, "stopped");
    gateway.close(1011, "oops");
    await stopped;
    expect(heard).toEqual([
      "connected",
      "authenticated one",
      { code: 1011, reason: "oops" },
      expect.stringContaining("oops"),
    ]);
    expect(await rejectionOf(client.request("health"))).toMatchObject({ message: "health: the client is closed" });
  });

  test.each<[GatewayConfig, RegExp]>([
    [{ url: "ftp://x" }, /not a gateway address/],
    [{ url: "ws://x", tlsFingerprint: "00" }, /SHA-256|TLS fingerprint/],
    [{ environment: { OPENCLAW_MODE: "pretend" } }, /OPENCLAW_MODE: real, mock, auto are possible, not pretend/],
  ])("%j does not make a client", (config, message) => {
    expect(() => new GatewayClient({ environment, ...config })).toThrow(message);
  });
});

describe("sessions", () => {
  test("spawn, send, history, kill ask what every gateway knows", async () => {
    await using pair = await startPair();
    const { server, client } = pair;
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;

    const spawned = client.sessionsSpawn({ model: "kimi-k2.5" });
    const spawn = await gateway.receive("sessions.spawn");
    expect(spawn.params).toEqual({ model: "kimi-k2.5" });
    gateway.respond(spawn, { ok: true, sessionKey: "agent:main:subagent:1" });
    expect(await spawned).toMatchObject({ sessionKey: "agent:main:subagent:1" });

    const sent = client.sessionsSend("main", "hi", { thinking: "low" });
    const send = await gateway.receive("chat.send");
    expect(send.params).toEqual({
      sessionKey: "main",
      message: "hi",
      thinking: "low",
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    gateway.respond(send, { runId: "r", status: "started" });
    expect(await sent).toEqual({ runId: "r", status: "started" });

    const read = client.sessionsHistory("main", 5);
    const history = await gateway.receive("chat.history");
    expect(history.params).toEqual({ sessionKey: "main", limit: 5 });
    gateway.respond(history, { sessionKey: "main", messages: [] });
    expect(await read).toEqual([]);

    const killed = client.sessionsKill("main");
    gateway.refuse(await gateway.receive("sessions_kill"), { message: "unknown method: sessions_kill" });
    gateway.respond(await gateway.receive("chat.abort"), { ok: true, aborted: true, runIds: ["r"] });
    expect(await killed).toEqual({ ok: true, aborted: true, runIds: ["r"] });

    const denied = rejectionOf(client.sessionsKill("main"));
    gateway.refuse(await gateway.receive("sessions_kill"), { message: "missing scope: operator.write" });
    expect(await denied).toMatchObject({ message: "missing scope: operator.write" });
  });
});
