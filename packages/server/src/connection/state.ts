import { closeCodes, GatewayError } from "@openclaw-gateway/protocol";

/** A connection from the server's side. Each member holds only what is legal there. */
export type ConnectionState =
  | { at: "awaiting-connect" }
  | { at: "authenticating"; requestId: string }
  | { at: "ready" }
  | { at: "closing" }
  | { at: "closed" };

export type IncomingRequest = { id: string; method: string; params: unknown };
export type Refusal = { error: GatewayError; closeCode: number };

export type ConnectionInput =
  | { on: "opened" }
  | { on: "not-json" }
  | { on: "bad-frame"; id: unknown; reason: string }
  | { on: "request"; request: IncomingRequest }
  | { on: "handshake-timeout" }
  | { on: "admitted" }
  | { on: "refused"; refusal: Refusal }
  | { on: "slow" }
  | { on: "stop"; code: number; reason: string }
  | { on: "link-closed" };

export type ConnectionEffect =
  | { do: "send-challenge" }
  | { do: "authenticate"; request: IncomingRequest }
  | { do: "send-hello"; requestId: string }
  | { do: "send-error"; id: unknown; error: GatewayError }
  | { do: "dispatch"; request: IncomingRequest }
  | { do: "close"; code: number; reason: string }
  /** Does not wait for the peer's goodbye. */
  | { do: "drop" }
  | { do: "release" };

export type ConnectionStep = readonly [ConnectionState, ...ConnectionEffect[]];

const close = (code: number, reason: string, ...before: ConnectionEffect[]): ConnectionStep => [
  { at: "closing" },
  ...before,
  { do: "close", code, reason },
];

/** What a connection does next. The shell around it is the only code with a socket or a timer. */
export function step(state: ConnectionState, input: ConnectionInput): ConnectionStep {
  if (input.on === "link-closed") return state.at === "closed" ? [state] : [{ at: "closed" }, { do: "release" }];
  if (input.on === "stop" && state.at !== "closing" && state.at !== "closed") return close(input.code, input.reason);
  switch (state.at) {
    case "awaiting-connect":
      return awaitingConnect(state, input);
    case "authenticating":
      switch (input.on) {
        case "admitted":
          return [{ at: "ready" }, { do: "send-hello", requestId: state.requestId }];
        case "refused":
          return refuse(state.requestId, input.refusal);
        case "handshake-timeout":
          return runOut();
        // Nothing may be sent before the answer to `connect`; what comes early is a client's mistake, not a call.
        case "request":
        case "bad-frame":
        case "not-json":
          return close(closeCodes.policy, "wait for the answer to connect");
        default:
          return [state];
      }
    case "ready":
      switch (input.on) {
        case "request":
          return [state, { do: "dispatch", request: input.request }];
        case "bad-frame":
          return [state, { do: "send-error", id: input.id, error: invalidFrame(input.reason) }];
        case "slow":
          return close(closeCodes.policy, "slow consumer");
        // Text that is not JSON is ignored after the handshake, as recorded.
        default:
          return [state];
      }
    case "closing":
      // Refused, and still there.
      return input.on === "handshake-timeout" ? [state, { do: "drop" }] : [state];
    case "closed":
      return [state];
    default:
      return state satisfies never;
  }
}

function awaitingConnect(state: ConnectionState, input: ConnectionInput): ConnectionStep {
  switch (input.on) {
    case "opened":
      return [state, { do: "send-challenge" }];
    case "request":
      if (input.request.method !== "connect") {
        const error = new GatewayError("INVALID_REQUEST", "invalid handshake: first request must be connect");
        return refuse(input.request.id, { error, closeCode: closeCodes.policy });
      }
      return [
        { at: "authenticating", requestId: input.request.id },
        { do: "authenticate", request: input.request },
      ];
    case "bad-frame":
      return close(closeCodes.policy, "invalid request frame");
    // Recorded: both end with 1000 and no reason.
    case "not-json":
      return close(closeCodes.normal, "");
    case "handshake-timeout":
      return runOut();
    default:
      return [state];
  }
}

/** Whoever let the time for the handshake pass is not given more of it to say goodbye. */
const runOut = (): ConnectionStep => [...close(closeCodes.normal, ""), { do: "drop" }];

const refuse = (id: string, { error, closeCode }: Refusal): ConnectionStep =>
  close(closeCode, error.message, { do: "send-error", id, error });

const invalidFrame = (reason: string): GatewayError =>
  new GatewayError("INVALID_REQUEST", `invalid request frame: ${reason}`);
