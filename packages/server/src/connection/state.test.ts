import { GatewayError } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnectionInput, type ConnectionState, step } from "./state.ts";

const request = { id: "1", method: "connect", params: {} };
const other = { id: "2", method: "health", params: undefined };
const error = new GatewayError("INVALID_REQUEST", "no");
const closing = { at: "closing" } as const;

const rows: [
  name: string,
  state: ConnectionState,
  input: ConnectionInput,
  next: ConnectionState,
  ...effects: object[],
][] = [
  [
    "the challenge comes first",
    { at: "awaiting-connect" },
    { on: "opened" },
    { at: "awaiting-connect" },
    { do: "send-challenge" },
  ],
  [
    "connect is authenticated",
    { at: "awaiting-connect" },
    { on: "request", request },
    { at: "authenticating", requestId: "1" },
    { do: "authenticate", request },
  ],
  [
    "another first method ends the story",
    { at: "awaiting-connect" },
    { on: "request", request: other },
    closing,
    {
      do: "send-error",
      id: "2",
      error: expect.objectContaining({ message: "invalid handshake: first request must be connect" }),
    },
    { do: "close", code: 1008, reason: "invalid handshake: first request must be connect" },
  ],
  [
    "a first frame that is no request gets no answer",
    { at: "awaiting-connect" },
    { on: "bad-frame", id: "invalid", reason: "must be object" },
    closing,
    { do: "close", code: 1008, reason: "invalid request frame" },
  ],
  [
    "a first message that is no JSON",
    { at: "awaiting-connect" },
    { on: "not-json" },
    closing,
    { do: "close", code: 1000, reason: "" },
  ],
  [
    "nobody speaks",
    { at: "awaiting-connect" },
    { on: "handshake-timeout" },
    closing,
    { do: "close", code: 1000, reason: "" },
    { do: "drop" },
  ],
  ["refused, and still there when the time is over", closing, { on: "handshake-timeout" }, closing, { do: "drop" }],
  [
    "admitted",
    { at: "authenticating", requestId: "1" },
    { on: "admitted" },
    { at: "ready" },
    { do: "send-hello", requestId: "1" },
  ],
  [
    "refused",
    { at: "authenticating", requestId: "1" },
    { on: "refused", refusal: { error, closeCode: 1002 } },
    closing,
    { do: "send-error", id: "1", error },
    { do: "close", code: 1002, reason: "no" },
  ],
  [
    "a request",
    { at: "ready" },
    { on: "request", request: other },
    { at: "ready" },
    { do: "dispatch", request: other },
  ],
  [
    "a bad frame is answered and forgiven",
    { at: "ready" },
    { on: "bad-frame", id: 5, reason: "at /id: must be string" },
    { at: "ready" },
    {
      do: "send-error",
      id: 5,
      error: expect.objectContaining({ message: "invalid request frame: at /id: must be string" }),
    },
  ],
  ["text that is no JSON is ignored", { at: "ready" }, { on: "not-json" }, { at: "ready" }],
  ["a late handshake timer does nothing", { at: "ready" }, { on: "handshake-timeout" }, { at: "ready" }],
  ["a slow reader", { at: "ready" }, { on: "slow" }, closing, { do: "close", code: 1008, reason: "slow consumer" }],
  [
    "the gateway stops",
    { at: "ready" },
    { on: "stop", code: 1012, reason: "service restart" },
    closing,
    { do: "close", code: 1012, reason: "service restart" },
  ],
  ["the link is gone", { at: "ready" }, { on: "link-closed" }, { at: "closed" }, { do: "release" }],
  ["closing ignores requests", closing, { on: "request", request: other }, closing],
];

describe("step", () => {
  test.each(rows)("%s", (_name, state, input, ...expected) => {
    expect(step(state, input)).toEqual(expected);
  });

  const input: fc.Arbitrary<ConnectionInput> = fc.oneof(
    ...[
      { on: "opened" },
      { on: "not-json" },
      { on: "handshake-timeout" },
      { on: "admitted" },
      { on: "slow" },
      { on: "link-closed" },
    ].map((value) => fc.constant(value as ConnectionInput)),
    fc.constantFrom<ConnectionInput>(
      { on: "request", request },
      { on: "request", request: other },
      { on: "stop", code: 1012, reason: "x" },
      { on: "bad-frame", id: 1, reason: "x" },
      { on: "refused", refusal: { error, closeCode: 1008 } },
    ),
  );

  test("T-B1: whatever comes, nothing is dispatched before the handshake, it closes once and is released once", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 30 }), (inputs) => {
        let state: ConnectionState = { at: "awaiting-connect" };
        let closes = 0;
        let releases = 0;
        let reopened = false;
        const dispatchedFrom = new Set<ConnectionState["at"]>();
        for (const next of inputs) {
          const before: ConnectionState = state;
          const [after, ...effects] = step(before, next);
          for (const effect of effects) {
            if (effect.do === "dispatch") dispatchedFrom.add(before.at);
            if (effect.do === "close") closes++;
            if (effect.do === "release") releases++;
          }
          if (before.at === "closed" && after.at !== "closed") reopened = true;
          state = after;
        }
        expect([...dispatchedFrom].filter((at) => at !== "ready")).toEqual([]);
        expect(reopened).toBe(false);
        expect(closes).toBeLessThanOrEqual(1);
        expect(releases).toBeLessThanOrEqual(1);
      }),
    );
  });
});
