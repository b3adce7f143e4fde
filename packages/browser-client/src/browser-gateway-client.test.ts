import {
  createHello,
  createScriptedServer,
  rejectionOf,
  type ScriptedConnection,
  type ScriptedServer,
} from "@openclaw-gateway/client/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BrowserGatewayClient, type BrowserGatewayClientOptions, getBrowserGatewayClient } from "./index.ts";

// The WebSocket of Node is the browser's API; the page around it is made up.
beforeEach(() => {
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.stubGlobal("window", new EventTarget());
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function open(options: BrowserGatewayClientOptions = {}) {
  const server = await createScriptedServer();
  vi.stubGlobal("location", { origin: server.url.replace("ws:", "http:") });
  const client = new BrowserGatewayClient({ reconnect: { minDelayMs: 1, maxDelayMs: 1 }, ...options });
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.close(), server.close()]);
    },
  };
}

/** The gateway's end of the next link through a proxy: `connect` comes first, the challenge late. */
async function welcome(server: ScriptedServer): Promise<ScriptedConnection> {
  const gateway = await server.accept();
  const request = await gateway.receive("connect");
  gateway.event("connect.challenge", { nonce: "late", ts: 1 });
  gateway.respond(request, createHello());
  return gateway;
}

const delta = (gateway: ScriptedConnection, runId: string, deltaText: string): void =>
  gateway.event("chat", { runId, sessionKey: "main", seq: 1, state: "delta", deltaText });

describe("BrowserGatewayClient", () => {
  test("goes through the proxy of its page: connect at once, as a backend, without a credential", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const asked = client.chatHistory("main", { limit: 5 });
    const gateway = await server.accept();
    expect(gateway.path).toBe("/api/gateway/ws");
    const request = await gateway.receive("connect");
    expect(request.params).toMatchObject({
      client: { id: "gateway-client", mode: "backend", platform: "web" },
      scopes: ["operator.read", "operator.write"],
    });
    expect(request.params).not.toHaveProperty("auth");
    gateway.event("connect.challenge", { nonce: "late", ts: 1 });
    gateway.respond(request, createHello());
    const history = await gateway.receive("chat.history");
    expect(history.params).toEqual({ sessionKey: "main", limit: 5 });
    gateway.respond(history, { sessionKey: "main", messages: [] });
    expect(await asked).toEqual({ sessionKey: "main", messages: [] });
    expect(client.isConnected).toBe(true);
  });

  test("with a credential it goes to the gateway itself and waits for the challenge", async () => {
    await using opened = await open({ token: "secret" });
    const { server, client } = opened;
    const connecting = client.connect();
    const gateway = await server.accept();
    expect(gateway.path).toBe("/ws");
    const request = await gateway.welcome();
    expect(request.params).toMatchObject({ client: { id: "webchat-ui", mode: "webchat" }, auth: { token: "secret" } });
    await connecting;
  });

  test("its calls are the gateway's methods", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const connecting = client.connect();
    const gateway = await welcome(server);
    await connecting;
    const calls: [Promise<unknown>, string, object][] = [
      [client.chatSend("main", "hi"), "chat.send", { sessionKey: "main", message: "hi" }],
      [client.chatAbort("main"), "chat.abort", { sessionKey: "main" }],
      [client.chatAbort("main", "r1"), "chat.abort", { sessionKey: "main", runId: "r1" }],
      [
        client.chatInject("main", "note", "hint"),
        "chat.inject",
        { sessionKey: "main", message: "note", label: "hint" },
      ],
      [client.sessionsList({ limit: 3 }), "sessions.list", { limit: 3 }],
      [client.sessionsReset("main"), "sessions.reset", { key: "main" }],
      [client.execApprovalsResolve("a1", "deny"), "exec.approval.resolve", { id: "a1", decision: "deny" }],
    ];
    for (const [answer, method, params] of calls) {
      const request = await gateway.receive(method);
      expect(request.params).toMatchObject(params);
      gateway.respond(request, { ok: true });
      expect(await answer).toEqual({ ok: true });
    }
  });

  test("each message has a key of its own", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const sent = [
      client.chatSend("main", "a"),
      client.chatSend("main", "a"),
      client.chatSend("main", "a", { idempotencyKey: "mine" }),
    ];
    const gateway = await welcome(server);
    const keys: unknown[] = [];
    for (const _ of sent) {
      const request = await gateway.receive("chat.send");
      keys.push((request.params as { idempotencyKey: unknown }).idempotencyKey);
      gateway.respond(request, {});
    }
    await Promise.all(sent);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe("mine");
  });

  test("tells what became of the link", async () => {
    await using opened = await open({ reconnect: false });
    const { server, client } = opened;
    const heard: unknown[] = [];
    client.onConnection((isConnected, error) => heard.push([isConnected, error?.message]));
    const connecting = client.connect();
    const gateway = await welcome(server);
    await connecting;
    gateway.close(4002, "gateway unreachable");
    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 15_000 });
    expect(heard).toEqual([
      [true, undefined],
      [false, "gateway unreachable"],
    ]);
  });

  test("a page has one", () => {
    vi.stubGlobal("location", { origin: "http://host" });
    expect(getBrowserGatewayClient()).toBe(getBrowserGatewayClient({ token: "ignored" }));
  });
});

describe("chatStream", () => {
  test("yields the answer as it grows, then its end", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const stream = client.chatStream("main", "hi", { idempotencyKey: "r1", thinking: "low" });
    const first = stream.next();
    const gateway = await welcome(server);
    gateway.refuse(await gateway.receive("streams.subscribe"), { message: "unknown method: streams.subscribe" });
    const sent = await gateway.receive("chat.send");
    expect(sent.params).toEqual({ sessionKey: "main", message: "hi", idempotencyKey: "r1", thinking: "low" });
    gateway.respond(sent, { runId: "r1", status: "started" });
    delta(gateway, "other", "not mine");
    delta(gateway, "r1", "Hel");
    expect((await first).value).toMatchObject({ state: "streaming", text: "Hel" });
    delta(gateway, "r1", "lo");
    expect((await stream.next()).value).toMatchObject({ text: "Hello" });
    gateway.event("chat", { runId: "r1", sessionKey: "main", seq: 3, state: "final" });
    expect((await stream.next()).value).toMatchObject({ state: "final", text: "Hello" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("a link that is lost is waited out: sent again under its key, followed from where it stopped", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const stream = client.chatStream("main", "hi", { idempotencyKey: "r1" });
    const first = stream.next();
    const before = await welcome(server);
    before.respond(await before.receive("streams.subscribe"), {
      subscribed: true,
      sessionKey: "agent:main:main",
      position: { epoch: "e", offset: 0 },
      events: [],
    });
    await before.receive("chat.send");
    const position = { sessionKey: "agent:main:main", epoch: "e", offset: 1 };
    before.event("chat", { runId: "r1", sessionKey: "main", seq: 1, state: "delta", deltaText: "Hel" }, { position });
    expect((await first).value).toMatchObject({ text: "Hel" });
    before.terminate();

    const rest = stream.next();
    const after = await welcome(server);
    const asked = [await after.receive(), await after.receive()];
    const of = (method: string) => asked.find((request) => request.method === method)!;
    expect(of("chat.send").params).toMatchObject({ idempotencyKey: "r1" });
    expect(of("streams.subscribe").params).toMatchObject({ from: { epoch: "e", offset: 1 } });
    after.respond(of("chat.send"), { runId: "r1", status: "in_flight" });
    after.respond(of("streams.subscribe"), {
      subscribed: true,
      sessionKey: "agent:main:main",
      position: { epoch: "e", offset: 2 },
      events: [
        {
          event: "chat",
          payload: { runId: "r1", sessionKey: "main", seq: 2, state: "final", message: { content: "Hello" } },
          position: { ...position, offset: 2 },
        },
      ],
    });
    expect((await rest).value).toMatchObject({ state: "final", text: "Hello" });
  });

  test("an answer that ended too long ago is read from the transcript", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const first = client.chatStream("main", "hi", { idempotencyKey: "r1" }).next();
    const gateway = await welcome(server);
    const followed = await gateway.receive("streams.subscribe");
    gateway.respond(await gateway.receive("chat.send"), { runId: "r1", status: "ok" });
    gateway.respond(followed, {
      subscribed: true,
      sessionKey: "agent:main:main",
      position: { epoch: "f", offset: 9 },
      events: [],
      snapshot: { reason: "gone", runs: [] },
    });
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: [{ type: "text", text: "Hello" }] },
    ];
    gateway.respond(await gateway.receive("chat.history"), { sessionKey: "main", messages });
    expect((await first).value).toMatchObject({ state: "final", text: "Hello" });
  });

  test("ends with what the gateway refuses, and with its signal", async () => {
    await using opened = await open();
    const { server, client } = opened;
    const first = rejectionOf(client.chatStream("main", "hi").next());
    const gateway = await welcome(server);
    await gateway.receive("streams.subscribe");
    gateway.refuse(await gateway.receive("chat.send"), { code: "UNAVAILABLE", message: "the disk is full" });
    expect(await first).toMatchObject({ code: "UNAVAILABLE", message: "the disk is full" });
    const leaving = new AbortController();
    const second = rejectionOf(client.chatStream("main", "hi", { signal: leaving.signal }).next());
    leaving.abort(new Error("the person left"));
    expect(await second).toMatchObject({ message: "the person left" });
  });
});
