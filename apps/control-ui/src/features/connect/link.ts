import { type ConnState, ConnectionError, type Failure, type StopReason } from "@openclaw-gateway/browser-client";
import type { HelloOk } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

/** Why the gateway did not let us in; `untilMs` is milliseconds since the epoch. */
export type ConnectProblem =
  | { kind: "credential-missing" }
  | { kind: "wrong-credential"; mode: "token" | "password" }
  | { kind: "locked-out"; untilMs: number }
  | { kind: "pairing-required" }
  | { kind: "protocol-mismatch" }
  | { kind: "refused"; message: string };

/** The connection as the page shows it. A page that was online keeps what it shows while it reconnects. */
export type Link =
  | { at: "starting" }
  | { at: "connecting" }
  | { at: "signed-out"; problem: ConnectProblem | undefined }
  /** Never reached yet. Without `retryAtMs` an attempt is under way. */
  | { at: "unreachable"; retryAtMs: number | undefined }
  | { at: "online"; hello: HelloOk }
  | { at: "reconnecting"; hello: HelloOk; retryAtMs: number | undefined };

export function reduceLink(link: Link, action: AppAction): Link {
  if (action.type === "signed-out") return { at: "signed-out", problem: undefined };
  return action.type === "link-changed" ? follow(link, action.link, action.nowMs) : link;
}

function follow(link: Link, conn: ConnState, nowMs: number): Link {
  const hello = link.at === "online" || link.at === "reconnecting" ? link.hello : undefined;
  switch (conn.at) {
    case "idle":
      return link;
    case "opening":
    case "handshaking":
      if (hello) return { at: "reconnecting", hello, retryAtMs: undefined };
      if (link.at === "unreachable")
        return link.retryAtMs === undefined ? link : { at: "unreachable", retryAtMs: undefined };
      return link.at === "starting" || link.at === "connecting" ? link : { at: "connecting" };
    case "ready":
      return { at: "online", hello: conn.hello };
    case "waiting": {
      if (hello) return { at: "reconnecting", hello, retryAtMs: conn.retryAtMs };
      const problem = lockout(conn.lastError, nowMs);
      return problem ? { at: "signed-out", problem } : { at: "unreachable", retryAtMs: conn.retryAtMs };
    }
    case "stopped":
      if (conn.reason === "closed-by-user")
        return link.at === "signed-out" ? link : { at: "signed-out", problem: undefined };
      return { at: "signed-out", problem: lockout(conn.error, nowMs) ?? problemOf(conn.reason, conn.error) };
    default:
      return conn satisfies never;
  }
}

function detailCode(error: Failure | undefined): string {
  const code = error === undefined || error instanceof ConnectionError ? undefined : error.wire.details?.["code"];
  return typeof code === "string" ? code : "";
}

function lockout(error: Failure | undefined, nowMs: number): ConnectProblem | undefined {
  if (error === undefined || error instanceof ConnectionError || detailCode(error) !== "AUTH_RATE_LIMITED")
    return undefined;
  return { kind: "locked-out", untilMs: nowMs + (error.wire.retryAfterMs ?? 60_000) };
}

function problemOf(reason: Exclude<StopReason, "closed-by-user">, error: Failure | undefined): ConnectProblem {
  switch (reason) {
    case "protocol-mismatch":
      return { kind: "protocol-mismatch" };
    case "pairing-required":
      return { kind: "pairing-required" };
    case "auth-rejected": {
      const code = detailCode(error);
      if (code.endsWith("_MISSING") || code.endsWith("DEVICE_IDENTITY_REQUIRED")) return { kind: "credential-missing" };
      return { kind: "wrong-credential", mode: code.includes("PASSWORD") ? "password" : "token" };
    }
    case "refused":
    case "lost":
      return { kind: "refused", message: error?.message ?? "the gateway closed the connection" };
    default:
      return reason satisfies never;
  }
}
