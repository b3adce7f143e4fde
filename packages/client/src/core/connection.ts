import type { HelloOk } from "@openclaw-gateway/protocol";
import { ConnectionError } from "./connection-error.ts";
import { type Failure, type StopReason, whyFinal } from "./endings.ts";

/** What `connect.challenge` carries; `tsMs` is the gateway's time. */
export type Challenge = { nonce: string; tsMs: number | undefined };

/** Where a connection stands; each member holds only what is legal there. `attempt` counts from 1 since the last `hello-ok`. */
export type ConnState =
  | { at: "idle" }
  | { at: "opening"; attempt: number }
  /** Without a challenge `connect` has not been sent yet. A kept device token is no last word: others may follow it. */
  | { at: "handshaking"; attempt: number; challenge: Challenge | undefined; showsDeviceToken?: true }
  | { at: "ready"; hello: HelloOk }
  | { at: "waiting"; attempt: number; retryAtMs: number; lastError: Failure }
  /** `error` is what the gateway or the link said; a close by the user has none. */
  | { at: "stopped"; reason: StopReason; error: Failure | undefined };

export type ConnInput =
  | { on: "connect" }
  | { on: "socket-opened" }
  | { on: "challenge"; challenge: Challenge }
  | { on: "device-token-shown" }
  | { on: "hello"; hello: HelloOk }
  /** The gateway's answer to `connect`, or our own inability to write one. */
  | { on: "refused"; error: Failure }
  | { on: "socket-closed"; error: ConnectionError }
  /** The time for the present state is over. */
  | { on: "deadline"; error: ConnectionError }
  /** The watchdog: nothing was heard for too long. */
  | { on: "link-silent" }
  | { on: "retry-due" }
  | { on: "close" };

export type ConnEffect =
  | { do: "open-socket" }
  | { do: "close-socket"; code: number; reason: string }
  | { do: "send-connect"; challenge: Challenge }
  /** Ends with `deadline` unless the state changes before. */
  | { do: "set-deadline"; waitingFor: "open" | "challenge" | "hello" }
  | { do: "drop-device-token" }
  | { do: "replay-subscriptions" }
  | { do: "send-held" }
  /** `held` requests were never sent: they outlive a lost link, but not the end of the story. */
  | { do: "reject-pending"; error: ConnectionError; held: boolean }
  | { do: "schedule-retry"; atMs: number };

export type Step = readonly [ConnState, ...ConnEffect[]];

/** When to try again after the given failed attempt; undefined: not at all. */
export type RetryAt = (attempt: number, error: Failure) => number | undefined;

const closing = { do: "close-socket", code: 1000, reason: "client closed" } as const;
const silent = { do: "close-socket", code: 4000, reason: "tick timeout" } as const;
const gaveUp = { do: "close-socket", code: 4000, reason: "connect timeout" } as const;
const refused = { do: "close-socket", code: 1000, reason: "connect refused" } as const;

/** The next state and what to do about it. Inputs that mean nothing in a state leave it as it is. */
export function step(state: ConnState, input: ConnInput, retryAt: RetryAt): Step {
  switch (state.at) {
    case "idle":
      if (input.on === "connect") return open(1);
      if (input.on === "close") return stop("closed-by-user");
      return [state];

    case "opening":
      switch (input.on) {
        case "socket-opened":
          return [
            { at: "handshaking", attempt: state.attempt, challenge: undefined },
            { do: "set-deadline", waitingFor: "challenge" },
          ];
        case "socket-closed":
          if (input.error.reason === "untrusted") return stop("refused", input.error);
          return lose(state.attempt, input.error, retryAt);
        case "deadline":
          return lose(state.attempt, input.error, retryAt, gaveUp);
        case "close":
          return stop("closed-by-user", undefined, closing);
        default:
          return [state];
      }

    case "handshaking":
      switch (input.on) {
        case "challenge":
          if (state.challenge !== undefined) return [state];
          return [
            { ...state, challenge: input.challenge },
            { do: "send-connect", challenge: input.challenge },
            { do: "set-deadline", waitingFor: "hello" },
          ];
        case "device-token-shown":
          return [
            { ...state, showsDeviceToken: true },
            { do: "set-deadline", waitingFor: "hello" },
          ];
        case "hello":
          if (state.challenge === undefined) return [state];
          return [{ at: "ready", hello: input.hello }, { do: "replay-subscriptions" }, { do: "send-held" }];
        case "refused": {
          const final = whyFinal(input.error);
          if (final === "auth-rejected" && state.showsDeviceToken) return showAnother(state.attempt, refused);
          return final === undefined
            ? lose(state.attempt, input.error, retryAt, refused)
            : stop(final, input.error, refused);
        }
        case "socket-closed": {
          const final = whyFinal(input.error);
          if (final === "auth-rejected" && state.showsDeviceToken) return showAnother(state.attempt);
          return final === undefined ? lose(state.attempt, input.error, retryAt) : stop(final, input.error);
        }
        case "deadline":
          return lose(state.attempt, input.error, retryAt, gaveUp);
        case "close":
          return stop("closed-by-user", undefined, closing);
        default:
          return [state];
      }

    case "ready":
      switch (input.on) {
        case "socket-closed":
          return lose(1, input.error, retryAt);
        case "link-silent":
          return lose(1, new ConnectionError("closed", silent.reason, { closeCode: silent.code }), retryAt, silent);
        case "close":
          return stop("closed-by-user", undefined, closing);
        default:
          return [state];
      }

    case "waiting":
      if (input.on === "retry-due") return open(state.attempt + 1);
      if (input.on === "close") return stop("closed-by-user");
      return [state];

    case "stopped":
      return [state];

    default:
      return state satisfies never;
  }
}

function open(attempt: number): Step {
  return [{ at: "opening", attempt }, { do: "open-socket" }, { do: "set-deadline", waitingFor: "open" }];
}

/** The device token was wrong; what it stood for is shown on a new link. */
function showAnother(attempt: number, ...first: ConnEffect[]): Step {
  const [state, ...effects] = open(attempt);
  return [state, ...first, { do: "drop-device-token" }, ...effects];
}

/** The link is gone, the story may go on. */
function lose(attempt: number, error: Failure, retryAt: RetryAt, ...first: ConnEffect[]): Step {
  const retryAtMs = retryAt(attempt, error);
  if (retryAtMs === undefined) return stop("lost", error, ...first);
  return [
    { at: "waiting", attempt, retryAtMs, lastError: error },
    ...first,
    { do: "reject-pending", error: asClosed(error), held: false },
    { do: "schedule-retry", atMs: retryAtMs },
  ];
}

function stop(reason: StopReason, error?: Failure, ...first: ConnEffect[]): Step {
  const cause = error === undefined ? new ConnectionError("closed", "the client was closed") : asClosed(error);
  return [{ at: "stopped", reason, error }, ...first, { do: "reject-pending", error: cause, held: true }];
}

/** Whatever ended the link: for a request it means that its answer will not come. */
function asClosed(error: Failure): ConnectionError {
  if (error instanceof ConnectionError && error.reason === "closed") return error;
  return new ConnectionError("closed", `connection lost: ${error.message}`, { cause: error });
}
