import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "@openclaw-gateway/protocol";
import { answer, createScriptedRuntime } from "./testing/scripted-runtime.ts";
import { connectRequest, openSocket } from "./testing/socket-client.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

let gateway: Awaited<ReturnType<typeof startTestGateway>>;
let bystander: Awaited<ReturnType<typeof openSocket>>;

beforeAll(async () => {
  gateway = await startTestGateway(
    createScriptedRuntime(() => answer("ok")),
    { settings: { rateLimit: { maxFailures: 1_000, windowMs: 60_000, lockoutMs: 60_000 } } },
  );
  bystander = await openSocket(gateway.url);
  await bystander.connect();
});
afterAll(async () => {
  bystander[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Whatever happens to one connection, another goes on. */
async function expectBystanderServed(): Promise<void> {
  bystander.send({ type: "req", id: "still-here", method: "health" });
  expect(await bystander.answer("still-here")).toMatchObject({ ok: true });
}

describe("before the handshake", () => {
  test.each<[string, unknown, { code: number; reason: string }]>([
    ["text that is no JSON", "hello", { code: 1000, reason: "" }],
    ["nothing at all", "", { code: 1000, reason: "" }],
    ["binary junk", new Uint8Array([0, 1, 2, 255]), { code: 1000, reason: "" }],
    ["JSON null", "null", { code: 1008, reason: "invalid request frame" }],
    ["a list", [1, 2], { code: 1008, reason: "invalid request frame" }],
    ["an event", { type: "event", event: "x" }, { code: 1008, reason: "invalid request frame" }],
    ["a request without id", { type: "req", method: "connect" }, { code: 1008, reason: "invalid request frame" }],
    ["deeply nested JSON", "[".repeat(20_000) + "]".repeat(20_000), { code: 1008, reason: "invalid request frame" }],
    ["too much", JSON.stringify({ type: "req", id: "x".repeat(limits.handshakeBytes) }), { code: 1009, reason: "" }],
  ])("%s ends the connection", async (_name, message, close) => {
    using client = await openSocket(gateway.url);
    client.send(message);
    expect(await client.closed()).toEqual(close);
    await expectBystanderServed();
  });

  test.each<[string, Record<string, unknown>, { code: string; message: RegExp; detail?: string; close: number }]>([
    [
      "a wrong token",
      { auth: { token: "nope" } },
      {
        code: "INVALID_REQUEST",
        message: /^unauthorized: gateway token mismatch/,
        detail: "AUTH_TOKEN_MISMATCH",
        close: 1008,
      },
    ],
    [
      "no credential",
      { auth: {} },
      { code: "NOT_PAIRED", message: /^device identity required$/, detail: "DEVICE_IDENTITY_REQUIRED", close: 1008 },
    ],
    [
      "a password where a token is wanted",
      { auth: { password: "secret" } },
      { code: "INVALID_REQUEST", message: /gateway token missing/, detail: "AUTH_TOKEN_MISSING", close: 1008 },
    ],
    [
      "an unknown client",
      { client: { id: "my-app", version: "1", platform: "x", mode: "ui" } },
      { code: "INVALID_REQUEST", message: /^invalid connect params: at \/client\/id: /, close: 1008 },
    ],
    [
      "an unknown role",
      { role: "boss" },
      { code: "INVALID_REQUEST", message: /^invalid role$/, close: 1008, detail: "INVALID_ROLE" },
    ],
    [
      "a future protocol",
      { minProtocol: 5, maxProtocol: 9 },
      { code: "INVALID_REQUEST", message: /^protocol mismatch$/, detail: "PROTOCOL_MISMATCH", close: 1002 },
    ],
    [
      "a browser client without origin",
      { client: { id: "webchat-ui", version: "1", platform: "x", mode: "webchat" } },
      { code: "INVALID_REQUEST", message: /^origin not allowed/, detail: "CONTROL_UI_ORIGIN_NOT_ALLOWED", close: 1008 },
    ],
  ])("%s is refused with a reason", async (_name, over, { code, message, detail, close }) => {
    using client = await openSocket(gateway.url);
    const refused = await client.connect(over);
    expect(refused).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
    expect(refused.error?.details?.["code"]).toBe(detail);
    expect(await client.closed()).toMatchObject({ code: close });
    await expectBystanderServed();
  });

  test("another method first", async () => {
    using client = await openSocket(gateway.url);
    client.send({ type: "req", id: "1", method: "health" });
    expect(await client.answer("1")).toMatchObject({
      ok: false,
      error: { message: "invalid handshake: first request must be connect" },
    });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });

  test("unknown fields of newer clients do not matter, and text or binary is the same", async () => {
    using client = await openSocket(`${gateway.url}gateway?x=1`);
    client.send(Buffer.from(JSON.stringify(connectRequest({ modelCatalog: { agentId: "main" }, surprise: 1 }))));
    expect(await client.answer("c")).toMatchObject({ ok: true, payload: { type: "hello-ok" } });
  });

  test("the token may come with the address of the upgrade", async () => {
    using client = await openSocket(`${gateway.url}?token=secret`);
    expect(await client.connect({ auth: {} })).toMatchObject({ ok: true });
  });

  test.each(["http://evil.example", "null", "http://127.0.0.1:1"])("a page from %s gets no socket", async (origin) => {
    await expect(openSocket(gateway.url, { origin })).rejects.toThrow("403");
    await expectBystanderServed();
  });

  test("the gateway's own page does", async () => {
    using client = await openSocket(gateway.url, { origin: gateway.url.replace(/\/$/, "") });
    expect(
      await client.connect({ client: { id: "webchat-ui", version: "1", platform: "x", mode: "webchat" } }),
    ).toMatchObject({ ok: true });
  });

  test("a malformed upgrade is answered and the socket does not stay", async () => {
    const socket = connectTcp(gateway.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: nonsense\r\n\r\n");
    const text = await new Promise<string>((resolve) => {
      let received = "";
      socket.on("data", (data) => (received += String(data)));
      socket.on("close", () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 .*Invalid Upgrade header\n$/s);
  });
});

describe("after the handshake", () => {
  test.each<[string, unknown, unknown, RegExp]>([
    ["JSON null", null, "invalid", /^invalid request frame: must be object$/],
    ["a list", [1], "invalid", /must be object/],
    ["no type", { id: "q", method: "health" }, "q", /must have required property 'type'/],
    ["a numeric id", { type: "req", id: 5, method: "health" }, 5, /^invalid request frame: at \/id: must be string$/],
    ["an extra member", { type: "req", id: "q", method: "health", zzz: 1 }, "q", /unexpected property 'zzz'/],
    ["an answer", { type: "res", id: "q", ok: true }, "q", /must be equal to constant/],
    [
      "an unknown method",
      { type: "req", id: "q", method: "no.such.method" },
      "q",
      /^unknown method: no\.such\.method$/,
    ],
    [
      "a method named like one of every object",
      { type: "req", id: "q", method: "constructor" },
      "q",
      /^unknown method: constructor$/,
    ],
    ["a second connect", connectRequest(), "c", /^connect is only valid as the first request$/],
    [
      "parameters that are no object",
      { type: "req", id: "q", method: "models.list", params: [] },
      "q",
      /^invalid models\.list params: must be object$/,
    ],
    [
      "wrong types",
      { type: "req", id: "q", method: "chat.history", params: { sessionKey: 7, limit: "x" } },
      "q",
      /^invalid chat\.history params: at \/sessionKey: must be string; at \/limit: must be integer$/,
    ],
    [
      "a key named like a prototype",
      { type: "req", id: "q", method: "chat.history", params: JSON.parse('{"__proto__":{"sessionKey":"s"}}') },
      "q",
      /must have required property 'sessionKey'/,
    ],
  ])("%s is answered, and the connection stays", async (_name, frame, id, message) => {
    using client = await openSocket(gateway.url);
    await client.connect({ minProtocol: 3, maxProtocol: 3 });
    client.send(JSON.stringify(frame));
    expect(await client.answer(id)).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message: expect.stringMatching(message) },
    });
    client.send({ type: "req", id: "after", method: "agents.list" });
    expect(await client.answer("after")).toMatchObject({ ok: true });
  });

  test("text that is no JSON is ignored", async () => {
    using client = await openSocket(gateway.url);
    await client.connect();
    client.send("hello");
    client.send(new Uint8Array([0, 255]));
    client.send({ type: "req", id: "after", method: "agents.list", params: null });
    expect(await client.answer("after")).toMatchObject({ ok: true });
  });

  test("a large message passes, one over the limit ends only its connection", async () => {
    using client = await openSocket(gateway.url);
    await client.connect();
    client.send({ type: "req", id: "big", method: "no.such", params: { x: "y".repeat(1_000_000) } });
    expect(await client.answer("big")).toMatchObject({ ok: false });
    client.send("z".repeat(limits.payloadBytes + 1));
    expect(await client.closed()).toEqual({ code: 1009, reason: "" });
    await expectBystanderServed();
  });

  test("scopes narrow what a connection may do, and it is not told what else exists", async () => {
    using client = await openSocket(gateway.url);
    const hello = await client.connect({ scopes: ["operator.read"] });
    expect(hello.payload).toMatchObject({
      features: { methods: expect.not.arrayContaining(["chat.send", "sessions.delete"]) },
    });
    for (const [method, scope] of [
      ["chat.send", "operator.write"],
      ["sessions.delete", "operator.admin"],
      ["no.such", "operator.admin"],
      ["connect", "operator.admin"],
    ]) {
      client.send({ type: "req", id: method, method });
      expect(await client.answer(method)).toMatchObject({
        ok: false,
        error: {
          code: "FORBIDDEN",
          message: `missing scope: ${scope}`,
          details: { code: "MISSING_SCOPE", missingScope: scope },
        },
      });
    }
  });

  test("a node may call none of this, and hears none of the chats", async () => {
    using client = await openSocket(gateway.url);
    await client.connect({
      role: "node",
      scopes: ["operator.admin"],
      client: { id: "node-host", version: "1", platform: "linux", mode: "node" },
    });
    for (const method of ["health", "chat.send", "no.such"]) {
      client.send({ type: "req", id: method, method });
      expect(await client.answer(method)).toMatchObject({
        ok: false,
        error: { code: "INVALID_REQUEST", message: "unauthorized role: node" },
      });
    }
  });
});

describe("guessing the token", () => {
  test("is over after a few tries, also for the right one, and only for who guessed", async () => {
    await using other = await startTestGateway(
      createScriptedRuntime(() => answer("ok")),
      { settings: { rateLimit: { maxFailures: 3, windowMs: 60_000, lockoutMs: 60_000 } } },
    );
    const attempt = async (token: string, headers: Record<string, string> = {}) => {
      using client = await openSocket(other.url, headers);
      return await client.connect({ auth: { token } });
    };
    for (let n = 0; n < 3; n++)
      expect((await attempt(`guess-${n}`)).error?.details?.["code"]).toBe("AUTH_TOKEN_MISMATCH");
    const locked = await attempt("secret");
    expect(locked.error).toMatchObject({ details: { code: "AUTH_RATE_LIMITED" }, retryAfterMs: expect.any(Number) });
    // A page on this machine that guesses does not lock out the programs on it.
    expect(await attempt("secret", { origin: other.url.replace(/\/$/, "") })).toMatchObject({ ok: true });
  });
});
