import { type ConnState, ConnectionError, type Failure, type StopReason } from "@openclaw-gateway/browser-client";
import type { HelloOk } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";
import type { OriginRefusal } from "./ask-gateway.ts";

/** Why the gateway did not let us in; `untilMs` is milliseconds since the epoch. */
export type ConnectProblem =
  | { kind: "credential-missing" }
  | { kind: "wrong-credential"; mode: "token" | "password" }
  | { kind: "locked-out"; untilMs: number }
  /** The token of this browser is no longer good: somebody revoked it, or removed the device. */
  | { kind: "access-ended" }
  | { kind: "code-invalid" }
  | { kind: "pairing-required" }
  | { kind: "protocol-mismatch" }
  | { kind: "refused"; message: string };

/** `reason` is the protocol's word for what has to be approved. */
export type ApprovalRequest = { requestId: string; reason: string };

/** The connection as the page shows it. A page that was online keeps what it shows while it reconnects. */
export type Link =
  | { at: "starting" }
  | { at: "connecting" }
  | { at: "signed-out"; problem: ConnectProblem | undefined }
  /** Never reached yet. Without `retryAtMs` an attempt is under way. */
  | { at: "unreachable"; retryAtMs: number | undefined; refusal?: OriginRefusal | undefined }
  /** Somebody has to approve this browser; the page goes on by itself. */
  | { at: "waiting-for-approval"; request: ApprovalRequest; outcome: "waiting" | "rejected" | "expired" }
  | { at: "online"; hello: HelloOk }
  | { at: "reconnecting"; hello: HelloOk; retryAtMs: number | undefined };

export function reduceLink(link: Link, action: AppAction): Link {
  switch (action.type) {
    case "signed-out":
      return { at: "signed-out", problem: undefined };
    case "link-changed":
      return follow(link, action.link, action.nowMs);
    case "entrance-told":
      return link.at === "unreachable" ? { ...link, refusal: action.refusal } : link;
    case "approval-of-this-device-ended":
      return link.at === "waiting-for-approval" && link.request.requestId === action.requestId
        ? { ...link, outcome: action.outcome }
        : link;
    default:
      return link;
  }
}

function follow(link: Link, conn: ConnState, nowMs: number): Link {
  const hello = link.at === "online" || link.at === "reconnecting" ? link.hello : undefined;
  switch (conn.at) {
    case "idle":
      return link;
    case "opening":
    case "handshaking":
      if (hello) return { at: "reconnecting", hello, retryAtMs: undefined };
      if (link.at === "unreachable") return link.retryAtMs === undefined ? link : { ...link, retryAtMs: undefined };
      // What was asked for is asked again, or was approved: nothing to show in between.
      if (link.at === "waiting-for-approval") return { ...link, outcome: "waiting" };
      return link.at === "starting" || link.at === "connecting" ? link : { at: "connecting" };
    case "ready":
      return { at: "online", hello: conn.hello };
    case "waiting": {
      if (hello) return { at: "reconnecting", hello, retryAtMs: conn.retryAtMs };
      const problem = lockout(conn.lastError, nowMs);
      if (problem) return { at: "signed-out", problem };
      const refusal = link.at === "unreachable" ? link.refusal : undefined;
      return { at: "unreachable", retryAtMs: conn.retryAtMs, ...(refusal && { refusal }) };
    }
    case "stopped": {
      if (conn.reason === "closed-by-user")
        return link.at === "signed-out" ? link : { at: "signed-out", problem: undefined };
      const requestId = conn.reason === "pairing-required" ? requestOfFailure(conn.error) : undefined;
      if (requestId !== undefined) {
        const request = { requestId, reason: detailOf(conn.error, "reason") ?? "not-paired" };
        return { at: "waiting-for-approval", request, outcome: "waiting" };
      }
      return { at: "signed-out", problem: lockout(conn.error, nowMs) ?? problemOf(conn.reason, conn.error) };
    }
    default:
      return conn satisfies never;
  }
}

function detailOf(error: Failure | undefined, name: string): string | undefined {
  const detail = error === undefined || error instanceof ConnectionError ? undefined : error.wire.details?.[name];
  return typeof detail === "string" ? detail : undefined;
}

/** The stable word of a refusal; empty for everything else. */
export const codeOfFailure = (error: Failure | undefined): string => detailOf(error, "code") ?? "";

/** The pairing request that a refusal opened. */
export const requestOfFailure = (error: Failure | undefined): string | undefined => detailOf(error, "requestId");

function lockout(error: Failure | undefined, nowMs: number): ConnectProblem | undefined {
  if (error === undefined || error instanceof ConnectionError || codeOfFailure(error) !== "AUTH_RATE_LIMITED")
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
      const code = codeOfFailure(error);
      if (code === "AUTH_DEVICE_TOKEN_MISMATCH") return { kind: "access-ended" };
      if (code === "AUTH_BOOTSTRAP_TOKEN_INVALID") return { kind: "code-invalid" };
      if (code.endsWith("_MISSING") || code.endsWith("DEVICE_IDENTITY_REQUIRED")) return { kind: "credential-missing" };
      return { kind: "wrong-credential", mode: code.includes("PASSWORD") ? "password" : "token" };
    }
    case "refused":
    case "lost":
      return { kind: "refused", message: refusalText(error) };
    default:
      return reason satisfies never;
  }
}

/** What the gateway said, and what it advises. */
function refusalText(error: Failure | undefined): string {
  const message = error?.message ?? "the gateway closed the connection";
  const hint = detailOf(error, "hint");
  return hint === undefined ? message : `${message}: ${hint}`;
}
