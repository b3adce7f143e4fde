import { errorCodes, GatewayError, type WireError } from "@openclaw-gateway/protocol/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AuthenticationError } from "../authentication-error.ts";
import { ConnectionError } from "../core/index.ts";
import { askedDelayMs, classifyFailure, type FailureKind, isTransientFailure } from "./classify.ts";

const said = (code: WireError["code"], message: string, more: Partial<WireError> = {}) =>
  new GatewayError(code, message, more);
const closed = (message: string, closeCode?: number, cause?: unknown) =>
  new ConnectionError("closed", message, { ...(closeCode !== undefined && { closeCode }), cause });
const system = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe("texts of any client and gateway", () => {
  test.each<[string, FailureKind]>([
    ["[Errno 111] Connection refused", "transient"],
    ["connect ECONNREFUSED 127.0.0.1:18789", "transient"],
    ["received 1012 (service restart) service restart; then sent 1012", "transient"],
    ["Service Restart", "transient"],
    ["server rejected WebSocket connection: HTTP 502", "transient"],
    ["server rejected WebSocket connection: HTTP 503", "transient"],
    ["HTTP/1.1 504 Gateway Timeout", "transient"],
    ["Unexpected server response: 503", "transient"],
    ["status code 502", "transient"],
    ["503 Service Unavailable", "transient"],
    ["Unexpected server response: 429", "transient"],
    ["timed out during opening handshake", "transient"],
    ["gateway timeout", "transient"],
    ["Connection timeout after 10000ms", "transient"],
    ["connection closed (1006)", "transient"],
    ["Connection reset by peer", "transient"],
    ["read ECONNRESET", "transient"],
    ["socket hang up", "transient"],
    ["Session agent:main:x is still active; try again in a moment.", "transient"],
    ['unsupported file "NOTES.md"', "permanent"],
    ["connection closed: unsupported file", "permanent"],
    ["Unexpected server response: 401", "permanent"],
    ["server rejected WebSocket connection: HTTP 403", "permanent"],
    ["unauthorized: gateway token mismatch", "permanent"],
    ["missing scope: operator.admin", "permanent"],
    ['agent "lead-1" not found', "permanent"],
    ["timeoutMs must be a number", "permanent"],
    ["port 5031 is not free", "permanent"],
    ["", "permanent"],
  ])("%j: %s", (text, kind) => {
    expect(classifyFailure(text)).toBe(kind);
    expect(classifyFailure(new Error(text))).toBe(kind);
    expect(classifyFailure(said("UNAVAILABLE", text))).toBe(kind);
  });
});

describe("what the gateway said", () => {
  test.each<[string, GatewayError, FailureKind]>([
    ["retryable", said("UNAVAILABLE", "starting", { retryable: true }), "transient"],
    ["retryable, whatever the code", said("INVALID_REQUEST", "x", { retryable: true }), "transient"],
    ["not retryable, whatever the text", said("UNAVAILABLE", "timeout", { retryable: false }), "permanent"],
    ["when to come back", said("UNAVAILABLE", "overloaded", { retryAfterMs: 200 }), "transient"],
    ["unsupported file, retryable", said("UNAVAILABLE", "Unsupported file", { retryable: true }), "permanent"],
    ["nothing more", said("UNAVAILABLE", "cron job not found"), "permanent"],
    ["a refusal that quotes a name", said("INVALID_REQUEST", 'agent "timeout" not found'), "permanent"],
    ["a scope", said("FORBIDDEN", "missing scope: operator.admin"), "permanent"],
    ["pairing", said("NOT_PAIRED", "pairing required"), "permanent"],
    ["a run's time", said("AGENT_TIMEOUT", "the agent timed out"), "transient"],
  ])("%s: %s → %s", (_, error, kind) => {
    expect(classifyFailure(error)).toBe(kind);
  });
});

describe("what happened on the way", () => {
  test.each<[string, unknown, FailureKind]>([
    ["no answer", new ConnectionError("timeout", "health: no answer within 30000ms"), "transient"],
    ["aborted", new ConnectionError("aborted", "health: aborted by the caller"), "permanent"],
    ["too large", new ConnectionError("too-large", "x"), "permanent"],
    ["another certificate", new ConnectionError("untrusted", "x"), "permanent"],
    ["not in this protocol", new ConnectionError("unsupported-method", "x"), "permanent"],
    ["restart", closed("service restart", 1012), "transient"],
    ["dropped", closed("connection closed (1006)", 1006), "transient"],
    ["refused", closed("connect ECONNREFUSED", 1006, system("ECONNREFUSED")), "transient"],
    ["a name nobody knows", closed("getaddrinfo ENOTFOUND x", 1006, system("ENOTFOUND")), "permanent"],
    ["an untrusted certificate", closed("self-signed", 1006, system("DEPTH_ZERO_SELF_SIGNED_CERT")), "permanent"],
    ["a proxy without its gateway", closed("Unexpected server response: 502", 1006, new Error("x")), "transient"],
    ["an origin that is not let in", closed("Unexpected server response: 403", 1006, new Error("x")), "permanent"],
    [
      "refused, in other words",
      closed("WebSocket error: x", 1006, closed("x", 1006, system("ECONNREFUSED"))),
      "transient",
    ],
    ["a name, in other words", closed("WebSocket error: x", 1006, closed("x", 1006, system("ENOTFOUND"))), "permanent"],
    ["not let in", new AuthenticationError("auth-rejected", said("INVALID_REQUEST", "unauthorized")), "permanent"],
    ["try later", closed("busy", 1013), "transient"],
    ["silent link", closed("tick timeout", 4000), "transient"],
    ["wrong token", closed("unauthorized: gateway token mismatch", 1008), "permanent"],
    ["refused without a word", closed("connection closed (1008)", 1008), "permanent"],
    ["too slow", closed("slow consumer", 1008), "transient"],
    ["other protocol", closed("protocol mismatch", 1002), "permanent"],
    ["too much", closed("message too big", 1009), "permanent"],
    ["closed by its owner", closed("the client was closed"), "permanent"],
    [
      "stopped by a refusal",
      closed("health: the client is closed", undefined, said("INVALID_REQUEST", "unauthorized")),
      "permanent",
    ],
    [
      "stopped by a loss",
      closed("health: the client is closed", undefined, closed("service restart", 1012)),
      "transient",
    ],
    ["fetch", new TypeError("fetch failed", { cause: system("ECONNRESET") }), "transient"],
    ["a mistake of the program", new TypeError("timeout is not a function"), "permanent"],
    ["an aborted fetch", new DOMException("aborted", "AbortError"), "permanent"],
    ["a fetch that took too long", new DOMException("x", "TimeoutError"), "transient"],
    ["nothing", undefined, "permanent"],
    ["an object", { message: "timeout" }, "permanent"],
  ])("%s: %s → %s", (_, error, kind) => {
    expect(classifyFailure(error)).toBe(kind);
  });

  test("errors that hold each other come to an end", () => {
    const one = new Error("one");
    const other = new Error("other", { cause: one });
    one.cause = other;
    expect(classifyFailure(one)).toBe("permanent");
  });
});

describe("for every failure", () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.string().map((text) => new Error(text)),
    fc
      .tuple(fc.constantFrom(...errorCodes), fc.string(), fc.option(fc.boolean(), { nil: undefined }))
      .map(([code, text, retryable]) => said(code, text, retryable === undefined ? {} : { retryable })),
    fc
      .tuple(fc.string(), fc.option(fc.integer({ min: 1000, max: 4999 }), { nil: undefined }), fc.anything())
      .map(([text, code, cause]) => closed(text, code, cause)),
  );

  test("there is a kind, and the two questions agree", () => {
    fc.assert(
      fc.property(anything, (error) => {
        const kind = classifyFailure(error);
        expect(["transient", "permanent"]).toContain(kind);
        expect(isTransientFailure(error)).toBe(kind === "transient");
      }),
    );
  });

  test("an unsupported file is never tried again", () => {
    const code = fc.constantFrom(...errorCodes);
    fc.assert(
      fc.property(fc.string(), fc.string(), code, fc.boolean(), (before, after, by, retryable) => {
        const text = `${before} unsupported file ${after}`;
        expect(classifyFailure(text)).toBe("permanent");
        expect(classifyFailure(said(by, text, { retryable }))).toBe("permanent");
      }),
    );
  });

  test("capitals say nothing", () => {
    const marker = fc.constantFrom("connection refused", "received 1012", "service restart", "http 503", "timed out");
    fc.assert(
      fc.property(marker, fc.infiniteStream(fc.boolean()), (text, upper) => {
        const mixed = Array.from(text, (letter) => (upper.next().value ? letter.toUpperCase() : letter)).join("");
        expect(classifyFailure(mixed)).toBe("transient");
      }),
    );
  });

  test("what the gateway says about trying again holds for every code", () => {
    fc.assert(
      fc.property(fc.constantFrom(...errorCodes), fc.boolean(), (code, retryable) => {
        expect(isTransientFailure(said(code, "x", { retryable }))).toBe(retryable);
      }),
    );
  });
});

test("the delay a gateway asks for", () => {
  expect(askedDelayMs(said("UNAVAILABLE", "x", { retryAfterMs: 1_200 }))).toBe(1_200);
  expect(askedDelayMs(said("UNAVAILABLE", "x", { retryAfterMs: -1 }))).toBeUndefined();
  expect(askedDelayMs(said("UNAVAILABLE", "x"))).toBeUndefined();
  expect(askedDelayMs(new Error("x"))).toBeUndefined();
});
