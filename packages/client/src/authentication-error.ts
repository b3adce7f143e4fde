import type { Failure, StopReason } from "./core/index.ts";

/** What a gateway may have against who connects: the credential, or that nobody has approved the device yet. */
export type AuthenticationFailure = Extract<StopReason, "auth-rejected" | "pairing-required">;

/**
 * The gateway does not let this client in, and trying again will not change it. `cause` is what it said: its
 * `GatewayError`, or the `ConnectionError` of a gateway that only closed the connection.
 */
export class AuthenticationError extends Error {
  override readonly name = "AuthenticationError";
  readonly code = "AUTHENTICATION_ERROR";
  readonly reason: AuthenticationFailure;
  /** `error.details` of the refusal: `code`, and for a device that waits for approval `requestId`. */
  readonly details: Readonly<Record<string, unknown>>;
  declare readonly cause: Failure;
  constructor(reason: AuthenticationFailure, cause: Failure) {
    super(`AUTHENTICATION_ERROR: ${cause.message}`, { cause });
    this.reason = reason;
    this.details = ("wire" in cause && cause.wire.details) || {};
  }
}
