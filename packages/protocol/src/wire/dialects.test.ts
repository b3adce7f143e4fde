import { describe, expect, test } from "vitest";
import { protocolOneMethods } from "../capabilities/protocol-one.ts";
import { connectMethods, events, methods } from "../catalog.ts";
import { ConnectParams, type HelloOk } from "../connect.ts";
import type { MethodSpec } from "../define.ts";
import { missingScope } from "../errors.ts";
import { type Dialect, dialectOfConnect, dialectOfFrame, dialects, negotiate, servedProtocols } from "./codec.ts";

const [dialect4, dialect3, dialect1, dialect1Long] = dialects as [Dialect, Dialect, Dialect, Dialect];

describe("negotiation", () => {
  test.each([
    [3, 3, 3],
    [3, 4, 4],
    [4, 4, 4],
    [4, 9, 4],
    [1, 3, 3],
    [3, 9, 4],
    [5, 5, undefined],
    [1, 2, 1],
    [1, 1, 1],
    [2, 2, undefined],
    [4, 3, undefined],
  ])("a client of %i to %i gets %s", (min, max, version) => {
    expect(negotiate(min, max)?.version).toBe(version);
  });

  test("what is served is what the dialects are", () => {
    expect(dialects.map(({ version, frames }) => `${version} ${frames.request}`)).toEqual([
      "4 req",
      "3 req",
      "1 req",
      "1 request",
    ]);
    expect(servedProtocols).toEqual([4, 3, 1]);
  });

  test.each([
    [1, 1, 1],
    [1, 9, 1],
    [3, 4, undefined],
  ])("a client of %i to %i that writes the other form of frames gets %s", (min, max, version) => {
    const dialect = negotiate(min, max, dialect1Long.frames);
    expect(dialect?.version).toBe(version);
    expect(dialect?.frames.request).toBe(version && "request");
  });

  test.each([
    [{ type: "request", id: "1", method: "connect" }, "request"],
    [{ type: "req" }, "req"],
    [{ type: "broadcast" }, "req"],
    [null, "req"],
    ["request", "req"],
  ])("%j is read as a %s", (frame, form) => {
    expect(dialectOfFrame(frame).frames.request).toBe(form);
  });

  test.each([
    [{ minProtocol: 3, maxProtocol: 3 }, 3],
    [{ minProtocol: 4, maxProtocol: 4 }, 4],
    [{ minProtocol: "3", maxProtocol: 3 }, 4],
    [{ minProtocol: 9, maxProtocol: 9 }, 4],
    [undefined, 4],
    [null, 4],
    ["x", 4],
  ])("%j is refused in the words of protocol %i", (params, version) => {
    expect(dialectOfConnect(params).version).toBe(version);
  });
});

describe("what exists in a dialect", () => {
  test("methods and events come from the catalogue", () => {
    const endedWith3 = ["node.pair.request", "node.pair.verify"];
    expect([...dialect4.methods.keys(), ...endedWith3].toSorted()).toEqual(Object.keys(methods).toSorted());
    for (const name of endedWith3) expect(dialect3.methods.has(name)).toBe(true);
    expect([...dialect4.events.keys()].toSorted()).toEqual(Object.keys(events).toSorted());
    for (const name of ["chat.startup", "sessions.subscribe", "sessions.describe"]) {
      expect(dialect3.methods.has(name)).toBe(false);
    }
    for (const name of ["sessions.changed", "session.message", "session.tool"]) {
      expect(dialect3.events.has(name)).toBe(false);
    }
  });

  test("`connect` is no method to call", () => {
    for (const { methods: known } of dialects) expect(known.has("connect")).toBe(false);
    expect(connectMethods.connect.hidden).toBe(true);
  });
});

describe("protocol 1", () => {
  test("has the methods and events that were there from the beginning, some of them in its own shape", () => {
    for (const [name, spec] of Object.entries<MethodSpec>(protocolOneMethods)) {
      expect(dialect1.methods.get(name)).toBe(spec);
      expect(methods).toHaveProperty([name]);
    }
    expect([...dialect1.methods].filter(([, { since }]) => since !== 1)).toEqual([]);
    expect(dialect1Long.methods).toBe(dialect1.methods);
    expect([...dialect1.events.keys()].toSorted()).toEqual([
      "chat",
      "connect.challenge",
      "presence",
      "shutdown",
      "tick",
    ]);
  });

  /** Every method that the documents of protocol 1 name; those that this gateway has must be there from version 1 on. */
  const documented = `
    agent agent.wait agent.identity.get agents.list agents.create agents.update agents.delete
    agents.files.list agents.files.get agents.files.set chat.send chat.abort chat.history node.list
    node.describe node.invoke node.invoke.result node.pair.request node.pair.approve node.pair.reject
    node.pair.verify sessions.list sessions.preview sessions.patch sessions.reset sessions.delete
    sessions.compact config.get config.set config.apply config.patch config.schema exec.approval.request
    exec.approval.resolve exec.approvals.get exec.approvals.set send wake health logs.tail models.list
    skills.status skills.bins skills.install cron.list cron.add cron.update cron.remove cron.run
    channels.status channels.logout browser.request wizard.start wizard.next system-presence
    system-event tts.convert update.run
  `;
  test.each(documented.split(/\s+/).filter((name) => Object.hasOwn(methods, name)))("%s is there", (name) => {
    expect(dialect1.methods.has(name), "give it `since: 1`: the documents of protocol 1 name it").toBe(true);
  });

  test.each([
    [
      { state: "delta", deltaText: "Here", message: {} },
      { event: "chat.delta", payload: { delta: "Here" } },
    ],
    [
      { state: "delta", deltaText: "all", message: {}, replace: true },
      { event: "chat.delta", payload: { delta: "all", replace: true } },
    ],
    [
      { state: "final", message: { content: [{ type: "text", text: "Done." }] } },
      { event: "chat.final", payload: { type: "message", content: "Done." } },
    ],
    [
      { state: "aborted", stopReason: "rpc" },
      { event: "chat.aborted", payload: { type: "message", content: "" } },
    ],
    [
      { state: "error", errorMessage: "no" },
      { event: "chat.error", payload: { message: "no" } },
    ],
  ])("chat %j", (chat, { event, payload }) => {
    const run = { runId: "xyz", sessionKey: "agent:main:main" };
    expect(dialect1.encodeEvent("chat", { ...run, agentId: "main", seq: 1, ...chat })).toEqual({
      event,
      payload: { ...run, ...payload },
    });
  });

  test("has no chat state `status`", () => {
    expect(dialect1.encodeEvent("chat", { runId: "r", sessionKey: "k", seq: 1, state: "status" })).toBeUndefined();
  });

  test.each<[unknown, object]>([
    [undefined, { client: { id: "gateway-client", mode: "backend" } }],
    [{ auth: { token: "t" } }, { auth: { token: "t" }, client: { id: "gateway-client", mode: "backend" } }],
    [{ client: { id: "cli", displayName: "CLI" } }, { client: { id: "cli", mode: "cli", displayName: "CLI" } }],
    [
      { client: { id: "control-ui", version: "1.0.0", platform: "web", mode: "frontend" } },
      { client: { id: "gateway-client", displayName: "control-ui", version: "1.0.0", platform: "web", mode: "ui" } },
    ],
    [
      { role: "node", client: { id: "node-host", version: "1", platform: "linux", mode: "node" } },
      { role: "node", client: { id: "node-host", mode: "node" } },
    ],
  ])("connect with %j", (params, neutral) => {
    const read = ConnectParams.parse(dialect1.decodeConnect(params).params);
    expect(read).toMatchObject({ minProtocol: 1, maxProtocol: 1, ...neutral });
  });

  test.each([[1], ["x"], { client: 5 }, { client: { id: 5 } }, { client: { id: "" } }, { minProtocol: "1" }])(
    "connect with %j is refused",
    (params) => {
      expect(ConnectParams.safeParse(dialect1.decodeConnect(params).params).success).toBe(false);
    },
  );

  test("hello-ok says what the first clients look for", () => {
    expect(dialect1.encodeHello(hello)).toMatchObject({
      event: "hello-ok",
      protocolVersion: 1,
      serverVersion: "2026.11.20",
      capabilities: ["health"],
      features: { events: ["tick"] },
    });
    const chats = { ...hello, features: { methods: [], events: ["chat", "presence"] } };
    expect(dialect1.encodeHello(chats)).toMatchObject({
      features: { events: ["chat.delta", "chat.final", "chat.aborted", "chat.error", "presence.update"] },
    });
  });
});

const hello: HelloOk = {
  type: "hello-ok",
  protocol: 1,
  server: { version: "2026.11.20", connId: "c" },
  features: { methods: ["health"], events: ["tick"] },
  snapshot: { presence: [], health: {}, stateVersion: { presence: 1, health: 1 }, uptimeMs: 1 },
  policy: { maxPayload: 1, maxBufferedBytes: 1, tickIntervalMs: 1 },
};

describe("payloads that differ", () => {
  const run = { runId: "r", sessionKey: "agent:main:main", seq: 1 };

  test("only protocol 4 knows the chat state `status`", () => {
    const status = { ...run, state: "status", phase: "starting_model" };
    expect(dialect3.encodeEvent("chat", status)).toBeUndefined();
    expect(dialect4.encodeEvent("chat", status)).toEqual({ event: "chat", payload: status });
  });

  test("a final of protocol 4 always names its stop reason", () => {
    const final = { ...run, state: "final" };
    expect(dialect4.encodeEvent("chat", final)?.payload).toEqual({ ...final, stopReason: "stop" });
    const aborted = { ...final, stopReason: "rpc" };
    expect(dialect4.encodeEvent("chat", aborted)?.payload).toEqual(aborted);
    expect(dialect3.encodeEvent("chat", final)?.payload).toEqual(final);
  });

  test.each(["delta", "aborted", "error"])("3 and 4 know the chat state `%s`", (state) => {
    const payload = { ...run, state };
    for (const dialect of [dialect3, dialect4])
      expect(dialect.encodeEvent("chat", payload)).toEqual({ event: "chat", payload });
  });

  test("a field called state elsewhere is left alone", () => {
    expect(dialect3.encodeEvent("agent", { state: "status" })).toEqual({
      event: "agent",
      payload: { state: "status" },
    });
  });

  test("protocols 1 and 3 learn of a missing scope as of an invalid request, with the same text", () => {
    const error = missingScope("operator.write").toWire();
    expect(dialect4.encodeError(error)).toEqual({
      code: "FORBIDDEN",
      message: "missing scope: operator.write",
      details: { code: "MISSING_SCOPE", missingScope: "operator.write", requiredScopes: ["operator.write"] },
    });
    for (const dialect of [dialect3, dialect1]) {
      expect(dialect.encodeError(error)).toMatchObject({
        code: "INVALID_REQUEST",
        message: "missing scope: operator.write",
      });
    }
  });

  test("other errors are the same in both", () => {
    const error = { code: "UNAVAILABLE", message: "busy", retryable: true, retryAfterMs: 5 } as const;
    for (const dialect of dialects) expect(dialect.encodeError(error)).toEqual(error);
  });

  test("protocol 4 is told of the capability its command line asks for", () => {
    expect(dialect3.encodeHello(hello)).toEqual(hello);
    expect(dialect4.encodeHello(hello)).toEqual({
      ...hello,
      features: { ...hello.features, capabilities: ["published-model-catalog"] },
    });
  });

  test("unknown parameters are refused in 3 and dropped in the others", () => {
    expect(dialect1.strictParams).toBe(false);
    expect(dialect3.strictParams).toBe(true);
    expect(dialect4.strictParams).toBe(false);
  });
});

test("config.get asks what each protocol recorded for it", () => {
  const scopeOf = (dialect: Dialect): string | undefined => dialect.methods.get("config.get")?.scope;
  expect(dialects.map(scopeOf)).toEqual(["operator.read", "operator.admin", "operator.admin", "operator.admin"]);
});

test("clients of 3 are shown no images in what a person said; others are", () => {
  const text = { type: "text", text: "look" };
  const image = { type: "image", data: "", mimeType: "image/png" };
  const messages = [
    { role: "user", content: [text, image] },
    { role: "toolResult", content: [image] },
  ];
  expect(dialect3.encodeResult("chat.history", { messages })).toMatchObject({
    messages: [{ content: [text] }, { content: [image] }],
  });
  expect(dialect3.encodeResult("chat.history", { messages })).not.toMatchObject({
    messages: [{ content: [text, image] }],
  });
  expect(dialect4.encodeResult("chat.history", { messages })).toEqual({ messages });
});
