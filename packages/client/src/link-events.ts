import type { HelloOk } from "@openclaw-gateway/protocol";
import { AuthenticationError } from "./authentication-error.ts";
import { ConnectionError, type ConnState, type Failure } from "./core/index.ts";

/** What became of the connection, beside the events of the gateway. */
export type LinkEvents = {
  /** The WebSocket is open; nothing can be asked yet. */
  connected: undefined;
  /** The gateway has let the client in, the first time or again. */
  authenticated: HelloOk;
  /** An open WebSocket is gone. `code` is that of its close frame, 1006 without one. */
  disconnected: { code: number; reason: string };
  /** An attempt failed; `AuthenticationError` when another one would, too. */
  error: Error;
};
export type LinkEvent = { [E in keyof LinkEvents]: { event: E; payload: LinkEvents[E] } }[keyof LinkEvents];

/** Tells connection states as events. `isOpen` is what was told last. */
export function tellState(
  before: ConnState["at"],
  state: ConnState,
  isOpen: boolean,
): { events: LinkEvent[]; isOpen: boolean } {
  switch (state.at) {
    case "handshaking":
      return { events: isOpen ? [] : [{ event: "connected", payload: undefined }], isOpen: true };
    case "ready":
      return { events: [{ event: "authenticated", payload: state.hello }], isOpen: true };
    case "waiting":
    case "stopped": {
      const error = state.at === "waiting" ? state.lastError : state.error;
      const gone: LinkEvent[] = isOpen ? [{ event: "disconnected", payload: endOf(error) }] : [];
      // A link that worked and was lost is no error: it comes back.
      const hasFailed = error !== undefined && (before !== "ready" || state.at === "stopped");
      const failed: LinkEvent[] = hasFailed ? [{ event: "error", payload: describeFailure(error, state) }] : [];
      return { events: [...gone, ...failed], isOpen: false };
    }
    case "idle":
    case "opening":
      return { events: [], isOpen };
    default:
      return state satisfies never;
  }
}

function endOf(error: Failure | undefined): LinkEvents["disconnected"] {
  if (error === undefined) return { code: 1000, reason: "client closed" };
  const code = error instanceof ConnectionError ? error.closeCode : 1008;
  return { code: code ?? 1006, reason: error.message };
}

/** What a failed attempt is to whoever asked for it: refused for good, not reached, or what the gateway said. */
export function describeFailure(error: Failure, state: ConnState): Error {
  const reason = state.at === "stopped" ? state.reason : undefined;
  if (reason === "auth-rejected" || reason === "pairing-required") return new AuthenticationError(reason, error);
  if (!(error instanceof ConnectionError) || error.reason !== "closed") return error;
  const { closeCode } = error;
  return new ConnectionError("closed", `WebSocket error: ${error.message}`, {
    cause: error,
    ...(closeCode === undefined ? {} : { closeCode }),
  });
}
