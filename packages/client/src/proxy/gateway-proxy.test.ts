import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createNodeClient } from "../node-client.ts";
import { createHello, createManualClock, createScriptedServer } from "../testing/index.ts";
import { type AttachOptions, attachGatewayProxy, type ProxyEvent } from "./node.ts";

const token = "canary-7d1f4a";
const connect = {
  type: "req",
  id: "c1",
  method: "connect",
  params: {
    minProtocol: 3,
    maxProtocol: 4,
    client: { id: "gateway-client", version: "1", platform: "web", mode: "backend" },
  },
};

/** A page as the proxy meets it: what it hears, in order, and how it ends. */
type Page = {
  socket: WebSocket;
  heard: { data: Buffer; isBinary: boolean }[];
  texts: () => string[];
  closed: Promise<{ code: number; reason: string }>;
};

async function startProxy(options: AttachOptions = {}, gatewayUrl?: string) {
  const scripted = await createScriptedServer();
  const server = createServer((_request, response) => response.end("a page"));
  const events: ProxyEvent[] = [];
  const proxy = attachGatewayProxy(server, {
    gateway: { url: gatewayUrl ?? `${scripted.url}/ws`, token },
    onEvent: (event) => events.push(event),
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sockets = new Set<WebSocket>();

  /** The upgrade, or the HTTP answer in its place. */
  async function dial(path = "/api/gateway/ws", headers: Record<string, string> = { origin }): Promise<Page | number> {
    const socket = new WebSocket(origin.replace("http", "ws") + path, { headers, perMessageDeflate: false });
    sockets.add(socket);
    const heard: Page["heard"] = [];
    socket.on("message", (data: Buffer, isBinary) => heard.push({ data, isBinary }));
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    return new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("unexpected-response", (_request, { statusCode = 0 }) => resolve(statusCode));
      socket.on("open", () => {
        resolve({ socket, heard, texts: () => heard.map(({ data }) => data.toString()), closed });
      });
    });
  }
  async function open(path?: string, headers?: Record<string, string>): Promise<Page> {
    const page = await dial(path, headers);
    if (typeof page === "number") throw new Error(`HTTP ${page}`);
    return page;
  }
  return {
    scripted,
    server,
    proxy,
    events,
    origin,
    dial,
    open,
    /** A page whose `connect` was answered, and the gateway's end of it. */
    relaying: async () => {
      const page = await open();
      const gateway = await scripted.accept();
      page.socket.send(JSON.stringify(connect));
      gateway.respond(await gateway.receive("connect"), createHello());
      await untilHeard(page, 1);
      page.heard.length = 0;
      return { ...page, gateway };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.terminate();
      await proxy.close();
      await scripted.close();
      server.close();
    },
  };
}

const untilHeard = (page: Page, count: number): Promise<void> =>
  vi.waitFor(() => expect(page.heard.length).toBeGreaterThanOrEqual(count), { timeout: 15_000 });

/** A server that takes connections and never answers, or nothing at all once closed. */
async function deafServer(): Promise<{ url: string; close: () => void }> {
  const server = createServer();
  server.on("upgrade", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const servers = new Set<WebSocketServer>();
afterEach(() => {
  for (const server of servers) {
    for (const socket of server.clients) socket.terminate();
    server.close();
  }
  servers.clear();
});

/** The address of a server that hands each of its sockets to `take`. */
async function serve(take: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  servers.add(server);
  server.on("connection", take);
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Says everything back. */
const echoUrl = (): Promise<string> =>
  serve((socket) => socket.on("message", (data, isBinary) => socket.send(data as Buffer, { binary: isBinary })));

/** Answers the first frame with a flood. */
async function floodUrl(chunk: Buffer, count: number): Promise<{ url: string; flooded: Promise<WebSocket> }> {
  const { promise: flooded, resolve } = Promise.withResolvers<WebSocket>();
  const url = await serve((socket) =>
    socket.once("message", () => {
      for (let sent = 0; sent < count; sent++) socket.send(chunk);
      resolve(socket);
    }),
  );
  return { url, flooded };
}

describe("a proxied page", () => {
  test.each([true, false])("connects without a token (connects first: %s)", async (connectsFirst) => {
    await using running = await startProxy();
    const { scripted, origin, events, proxy } = running;
    const heard: string[] = [];
    const client = createNodeClient({
      url: `${origin}/api/gateway/ws`,
      connectsFirst,
      openSocket: (url, listener) => {
        const socket = new WebSocket(url, { origin });
        socket.on("open", () => listener.onOpen());
        socket.on("message", (data: Buffer) => {
          heard.push(data.toString());
          listener.onMessage(data.toString());
        });
        socket.on("close", (code, reason) => listener.onClose(code, reason.toString()));
        return { send: (text) => socket.send(text), close: (code, reason) => socket.close(code, reason) };
      },
    });
    const connecting = client.connect();
    const gateway = await scripted.accept();
    expect(gateway.path).toBe("/ws");
    if (!connectsFirst) gateway.event("connect.challenge", { nonce: "n1", ts: 1 });
    const request = await gateway.receive("connect");
    // The one that comes late changes nothing.
    if (connectsFirst) gateway.event("connect.challenge", { nonce: "n1", ts: 1 });
    expect(request.params).toMatchObject({ auth: { token }, scopes: ["operator.read", "operator.write"] });
    gateway.respond(request, createHello());
    await connecting;
    const asked = client.request("health");
    const second = await gateway.receive("health");
    expect(JSON.stringify(second)).not.toContain(token);
    gateway.respond(second, { ok: true });
    await asked;
    expect(proxy.connections).toBe(1);
    await client.close();
    expect(await gateway.closed).toEqual({ code: 1000, reason: "client closed" });
    expect(heard.join()).not.toContain(token);
    expect(inspect([events, proxy], { depth: 10, showHidden: true })).not.toContain(token);
  });

  test("frames pass as they are, both ways", async () => {
    await using running = await startProxy({}, await echoUrl());
    const page = await running.open();
    page.socket.send(JSON.stringify(connect));
    await untilHeard(page, 1);
    const odd = ['{ "type":"req" ,"id":"1","id":"2","ü":"\\u00fc€🙂" }', "not json at all", "", " \n"];
    for (const text of odd) page.socket.send(text);
    page.socket.send(Buffer.from([0, 255, 1]));
    await untilHeard(page, 1 + odd.length + 1);
    expect(page.heard.slice(1).map(({ data, isBinary }) => (isBinary ? [...data] : data.toString()))).toEqual([
      ...odd,
      [0, 255, 1],
    ]);
  });

  test("what it says at once comes in order behind connect", async () => {
    await using running = await startProxy();
    const page = await running.open();
    page.socket.send(JSON.stringify(connect));
    for (let id = 0; id < 20; id++) page.socket.send(JSON.stringify({ type: "req", id: String(id), method: "health" }));
    const gateway = await running.scripted.accept();
    expect((await gateway.receive()).method).toBe("connect");
    for (let id = 0; id < 20; id++) expect((await gateway.receive()).id).toBe(String(id));
  });

  test("codes and reasons pass, both ways", async () => {
    await using running = await startProxy();
    const one = await running.relaying();
    one.gateway.close(1008, "unauthorized: gateway token mismatch");
    expect(await one.closed).toEqual({ code: 1008, reason: "unauthorized: gateway token mismatch" });
    const two = await running.relaying();
    two.socket.close(4321, "done");
    expect(await two.gateway.closed).toEqual({ code: 4321, reason: "done" });
    const three = await running.relaying();
    three.socket.close();
    expect(await three.gateway.closed).toEqual({ code: 1005, reason: "" });
    const four = await running.relaying();
    four.gateway.terminate();
    expect(await four.closed).toEqual({ code: 4002, reason: "gateway connection lost" });
    const five = await running.relaying();
    five.socket.terminate();
    expect(await five.gateway.closed).toEqual({ code: 1001, reason: "page gone" });
    await vi.waitFor(() => expect(running.proxy.connections).toBe(0), { timeout: 15_000 });
  });

  test("is closed with 4000 when it does not connect", async () => {
    const clock = createManualClock();
    await using running = await startProxy({ clock });
    const wrong = await running.open();
    const gateway = await running.scripted.accept();
    wrong.socket.send(JSON.stringify({ type: "req", id: "1", method: "health" }));
    expect(await wrong.closed).toEqual({ code: 4000, reason: "first frame must be connect" });
    expect(await gateway.closed).toEqual({ code: 1000, reason: "" });
    const silent = await running.open();
    (await running.scripted.accept()).event("connect.challenge", { nonce: "n", ts: 1 });
    await untilHeard(silent, 1);
    clock.advance(10_000);
    expect(await silent.closed).toMatchObject({ code: 4000, reason: "no connect in time" });
  });

  test("is closed with 4001 without a gateway, and with 4002 without an answer from it", async () => {
    const failing = () => Promise.reject(new Error("the settings are locked"));
    await using none = await startProxy({ gateway: () => undefined });
    expect(await (await none.open()).closed).toEqual({ code: 4001, reason: "no gateway is configured" });
    await using broken = await startProxy({ gateway: failing });
    expect(await (await broken.open()).closed).toEqual({ code: 4001, reason: "no gateway is configured" });
    expect(broken.events[0]).toMatchObject({ event: "failed", error: { message: "the settings are locked" } });
    await using tokenless = await startProxy({ gateway: { url: "ws://127.0.0.1:1", token: "" } });
    expect(await (await tokenless.open()).closed).toMatchObject({ code: 4001 });

    const deaf = await deafServer();
    await using waiting = await startProxy({ gateway: { url: deaf.url, token }, handshakeTimeoutMs: 100 });
    expect(await (await waiting.open()).closed).toEqual({ code: 4002, reason: "gateway unreachable" });
    deaf.close();
    await using refused = await startProxy({ gateway: { url: `${deaf.url}/?token=${token}`, token } });
    expect(await (await refused.open()).closed).toEqual({ code: 4002, reason: "gateway unreachable" });
    expect(refused.events.map(({ event }) => event)).toEqual(["opened", "failed", "closed"]);
    expect(inspect(refused.events, { depth: 10 })).not.toContain(token);
  });

  test("may not send what is too large", async () => {
    await using running = await startProxy({ maxFrameBytes: 1_000 });
    const page = await running.relaying();
    page.socket.send("x".repeat(1_001));
    expect(await page.closed).toMatchObject({ code: 1009 });
  });

  test("that answers no ping is let go of, and so is its gateway", async () => {
    const clock = createManualClock();
    await using running = await startProxy({ clock });
    const page = await running.relaying();
    page.socket.pause();
    clock.advance(30_000);
    expect(running.events.at(-1)).toMatchObject({ event: "opened" });
    clock.advance(30_000);
    expect(running.events.at(-1)).toMatchObject({ event: "closed", by: "proxy", reason: "no sign of life" });
    expect(await page.gateway.closed).toEqual({ code: 1001, reason: "page gone" });
  });

  test("is told of a restart; the next one is not let in", async () => {
    await using running = await startProxy();
    const page = await running.relaying();
    const closing = running.proxy.close();
    expect(await page.closed).toEqual({ code: 1012, reason: "service restart" });
    await closing;
    expect(running.proxy.connections).toBe(0);
    expect(await running.dial()).toBe(503);
  });

  test("does not keep its server from closing", async () => {
    await using running = await startProxy();
    const page = await running.relaying();
    const closed = new Promise((resolve) => running.server.close(resolve));
    expect(await page.closed).toEqual({ code: 1012, reason: "service restart" });
    expect(await closed).toBeUndefined();
  });

  test("may be kept to its sessions", async () => {
    await using running = await startProxy({
      authorize: async () => ({ sessions: ["main"], scopes: ["operator.read"] }),
    });
    const page = await running.open();
    const gateway = await running.scripted.accept();
    page.socket.send(JSON.stringify(connect));
    const request = await gateway.receive("connect");
    expect(request.params).toMatchObject({ scopes: ["operator.read"] });
    gateway.respond(request, createHello({ snapshot: { presence: [{ text: "somebody" }] } }));
    await untilHeard(page, 1);
    page.socket.send('{"type":"req","id":"1","method":"config.get"}');
    page.socket.send('{"type":"req","id":"2","method":"chat.history","params":{"sessionKey":"main"}}');
    expect((await gateway.receive()).id).toBe("2");
    gateway.event("presence", { presence: [] }, { seq: 1 });
    await untilHeard(page, 3);
    expect(
      page
        .texts()
        .slice(1)
        .map((text) => JSON.parse(text)),
    ).toEqual([
      expect.objectContaining({ id: "1", ok: false, error: expect.objectContaining({ code: "FORBIDDEN" }) }),
      { type: "event", event: "hidden", seq: 1 },
    ]);
    expect(page.texts()[0]).not.toContain("somebody");
  });
});

describe("who is let in", () => {
  test.each<[string, AttachOptions, Record<string, string> | undefined, number]>([
    ["a foreign page", {}, { origin: "https://evil.example.com" }, 403],
    ["no origin", {}, {}, 403],
    ["null", {}, { origin: "null" }, 403],
    ["whom the hook refuses", { authorize: async () => false }, undefined, 403],
    ["nobody when the hook fails", { authorize: () => Promise.reject(new Error(token)) }, undefined, 500],
    ["no more than fit", { maxConnections: 0 }, undefined, 503],
  ])("not %s", async (_name, options, headers, status) => {
    await using running = await startProxy(options);
    expect(await running.dial(undefined, headers)).toBe(status);
    expect(running.events).toMatchObject([{ event: "refused", status }]);
    expect(running.scripted.accepted).toBe(0);
  });

  test("nor whom a hook keeps waiting", async () => {
    const clock = createManualClock();
    const asked = Promise.withResolvers<void>();
    const authorize = () => {
      asked.resolve();
      return new Promise<boolean>(() => {});
    };
    await using running = await startProxy({ clock, authorize });
    const status = running.dial();
    await asked.promise;
    clock.advance(10_000);
    expect(await status).toBe(500);
    expect(running.events).toMatchObject([{ reason: "authorization failed", error: { message: /authorize took/ } }]);
  });

  test("nor more than fit, when they come at once", async () => {
    const doors = Promise.withResolvers<boolean>();
    let asked = 0;
    const authorize = (): Promise<boolean> => {
      if (++asked === 2) doors.resolve(true);
      return doors.promise;
    };
    await using running = await startProxy({ maxConnections: 1, authorize });
    const pages = [running.open(), running.open()];
    const closed = await Promise.race(pages.map(async (page) => (await page).closed));
    expect(closed).toEqual({ code: 1013, reason: "too many connections" });
    expect(running.proxy.connections).toBe(1);
  });

  test("the hook sees the request: its cookies, its address", async () => {
    const seen: Request[] = [];
    await using running = await startProxy({
      authorize: (request) => {
        seen.push(request);
        return request.headers.get("cookie") === "session=alice";
      },
    });
    const { origin } = running;
    expect(await running.dial("/api/gateway/ws?board=7", { origin, cookie: "session=mallory" })).toBe(403);
    await running.open("/api/gateway/ws?board=7", { origin, cookie: "session=alice" });
    expect(seen.map(({ url }) => url)).toEqual(Array(2).fill(`${origin}/api/gateway/ws?board=7`));
    expect((await running.scripted.accept()).path).toBe("/ws");
  });

  test("pages of listed origins, and programs where no origin is required", async () => {
    await using running = await startProxy({ allowedOrigins: ["https://app.example.com"], requiresOrigin: false });
    await running.open(undefined, { origin: "https://app.example.com" });
    await running.open(undefined, {});
    expect(await running.dial(undefined, { origin: "https://evil.example.com" })).toBe(403);
  });
});

describe("beside other upgrades of its server", () => {
  test("other paths are not found, or go to whoever takes them; its own goes to nobody else", async () => {
    await using running = await startProxy();
    expect(await running.dial("/elsewhere")).toBe(404);
    const others: string[] = [];
    // As frameworks do that have a page for every path.
    running.server.on("upgrade", ({ url = "" }: IncomingMessage, socket: Duplex) => {
      others.push(url);
      socket.end("HTTP/1.1 418 I'm a teapot\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    expect(await running.dial("/elsewhere")).toBe(418);
    await running.open();
    await running.proxy.close();
    expect(await running.dial()).toBe(503);
    expect(others).toEqual(["/elsewhere"]);
  });
});

describe("a slow reader", () => {
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const count = 64;

  test("slows its writer down, and gets everything", async () => {
    const { url, flooded } = await floodUrl(chunk, count);
    await using running = await startProxy({}, url);
    const page = await running.open();
    page.socket.pause();
    page.socket.send(JSON.stringify(connect));
    const gateway = await flooded;
    // Until nothing moves any more: the proxy and the network hold what they may, the rest waits at the gateway.
    for (let before = -1; before !== gateway.bufferedAmount;) {
      before = gateway.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(gateway.bufferedAmount).toBeGreaterThan(16 * chunk.byteLength);
    page.socket.resume();
    await untilHeard(page, count);
    expect(page.heard.every(({ data }) => data.equals(chunk))).toBe(true);
  });

  test("that stays behind is closed as such, and its gateway is let go", async () => {
    const { url, flooded } = await floodUrl(chunk, count);
    await using running = await startProxy({ slowReaderTimeoutMs: 100 }, url);
    const page = await running.open();
    page.socket.pause();
    page.socket.send(JSON.stringify(connect));
    const gateway = await flooded;
    const [code, reason] = await once(gateway, "close");
    expect([code, String(reason)]).toEqual([1001, "page too slow"]);
    page.socket.resume();
    expect(await page.closed).toEqual({ code: 1008, reason: "slow consumer" });
  });

  test("may be the gateway as well", async () => {
    const { url, flooded } = await floodUrl(chunk, 0);
    await using running = await startProxy({ slowReaderTimeoutMs: 100 }, url);
    const page = await running.open();
    page.socket.send(JSON.stringify(connect));
    const gateway = await flooded;
    gateway.pause();
    for (let sent = 0; sent < count; sent++) page.socket.send(chunk);
    expect(await page.closed).toEqual({ code: 4002, reason: "gateway too slow" });
    gateway.terminate();
  });
});
