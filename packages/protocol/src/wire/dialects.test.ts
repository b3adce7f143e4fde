import { describe, expect, test } from "vitest";
import { connectMethods, events, methods } from "../catalog.ts";
import type { HelloOk } from "../connect.ts";
import { missingScope } from "../errors.ts";
import { type Dialect, dialects, dialectToRefuseIn, negotiate, servedProtocols } from "./codec.ts";

const [dialect4, dialect3] = dialects as [Dialect, Dialect];

describe("negotiation", () => {
  test.each([
    [3, 3, 3],
    [3, 4, 4],
    [4, 4, 4],
    [4, 9, 4],
    [1, 3, 3],
    [3, 9, 4],
    [5, 5, undefined],
    [1, 2, undefined],
    [4, 3, undefined],
  ])("a client of %i to %i gets %s", (min, max, version) => {
    expect(negotiate(min, max)?.version).toBe(version);
  });

  test("what is served is what the dialects are", () => {
    expect(dialects.map(({ version }) => version)).toEqual([4, 3]);
    expect(servedProtocols).toEqual({ min: 3, max: 4 });
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
    expect(dialectToRefuseIn(params).version).toBe(version);
  });
});

describe("what exists in a dialect", () => {
  test("methods and events come from the catalogue", () => {
    expect([...dialect4.methods.keys()].toSorted()).toEqual(Object.keys(methods).toSorted());
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

describe("payloads that differ", () => {
  const run = { runId: "r", sessionKey: "agent:main:main", seq: 1 };

  test("only protocol 4 knows the chat state `status`", () => {
    const status = { ...run, state: "status", phase: "starting_model" };
    expect(dialect3.encodeEvent("chat", status)).toBeUndefined();
    expect(dialect4.encodeEvent("chat", status)).toEqual(status);
  });

  test.each(["delta", "final", "aborted", "error"])("both know the chat state `%s`", (state) => {
    const payload = { ...run, state };
    for (const dialect of dialects) expect(dialect.encodeEvent("chat", payload)).toEqual(payload);
  });

  test("a field called state elsewhere is left alone", () => {
    expect(dialect3.encodeEvent("agent", { state: "status" })).toEqual({ state: "status" });
  });

  test("protocol 3 learns of a missing scope as of an invalid request, with the same text", () => {
    const error = missingScope("operator.write").toWire();
    expect(dialect4.encodeError(error)).toEqual({
      code: "FORBIDDEN",
      message: "missing scope: operator.write",
      details: { code: "MISSING_SCOPE", missingScope: "operator.write", requiredScopes: ["operator.write"] },
    });
    expect(dialect3.encodeError(error)).toMatchObject({
      code: "INVALID_REQUEST",
      message: "missing scope: operator.write",
    });
  });

  test("other errors are the same in both", () => {
    const error = { code: "UNAVAILABLE", message: "busy", retryable: true, retryAfterMs: 5 } as const;
    for (const dialect of dialects) expect(dialect.encodeError(error)).toEqual(error);
  });

  test("protocol 4 is told of the capability its command line asks for", () => {
    const hello: HelloOk = {
      type: "hello-ok",
      protocol: 4,
      server: { version: "2026.11.20", connId: "c" },
      features: { methods: ["health"], events: ["tick"] },
      snapshot: { presence: [], health: {}, stateVersion: { presence: 1, health: 1 }, uptimeMs: 1 },
      policy: { maxPayload: 1, maxBufferedBytes: 1, tickIntervalMs: 1 },
    };
    expect(dialect3.encodeHello(hello)).toEqual(hello);
    expect(dialect4.encodeHello(hello)).toEqual({
      ...hello,
      features: { ...hello.features, capabilities: ["published-model-catalog"] },
    });
  });

  test("unknown parameters are refused in 3 and dropped in 4", () => {
    expect(dialect3.strictParams).toBe(true);
    expect(dialect4.strictParams).toBe(false);
  });
});
