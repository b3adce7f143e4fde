import { type ConnectParams, GatewayError } from "@openclaw-gateway/protocol";
import type { Secret } from "../platform/secret.ts";
import type { AuthRateLimiter } from "./rate-limiter.ts";

/** The one secret all trusted clients share, or none on a loopback-only gateway that asked for it. */
export type SharedAuth = { mode: "token" | "password"; secret: Secret } | { mode: "none" };

export type Credentials = { token?: string | undefined; password?: string | undefined };

/** Checks the shared secret of a `connect`. The limiter is asked before the secret is looked at. Throws the refusals. */
export function verifySharedSecret(
  auth: SharedAuth,
  given: Credentials,
  limiter: { limiter: AuthRateLimiter; key: string },
  hint: string,
): void {
  if (auth.mode === "none") return;
  const blockedForMs = limiter.limiter.blockedForMs(limiter.key);
  if (blockedForMs > 0) {
    throw new GatewayError("INVALID_REQUEST", "unauthorized: too many failed authentication attempts (retry later)", {
      details: { code: "AUTH_RATE_LIMITED", authReason: "rate_limited", recommendedNextStep: "wait_then_retry" },
      retryable: true,
      retryAfterMs: blockedForMs,
    });
  }
  const candidate = auth.mode === "token" ? given.token : given.password;
  if (candidate === undefined || candidate === "") throw unauthorized(auth.mode, "missing", hint);
  if (!auth.secret.equals(candidate)) {
    limiter.limiter.failed(limiter.key);
    throw unauthorized(auth.mode, "mismatch", hint);
  }
  limiter.limiter.succeeded(limiter.key);
}

function unauthorized(mode: "token" | "password", why: "missing" | "mismatch", hint: string): GatewayError {
  return new GatewayError("INVALID_REQUEST", `unauthorized: gateway ${mode} ${why} (${hint})`, {
    details: {
      code: `AUTH_${mode.toUpperCase()}_${why.toUpperCase()}`,
      authReason: `${mode}_${why}`,
      canRetryWithDeviceToken: false,
      recommendedNextStep: "update_auth_credentials",
    },
  });
}

/** What a person can do about it, by the kind of client; the texts are recorded. */
export function credentialHint(mode: "token" | "password" | "none", client: ConnectParams["client"]): string {
  if (client.mode === "cli") {
    return mode === "password"
      ? "set gateway.remote.password to match gateway.auth.password"
      : "set gateway.remote.token to match gateway.auth.token";
  }
  if (client.id === "openclaw-control-ui" || client.mode === "webchat") {
    return mode === "password"
      ? "enter the password in Control UI settings"
      : "open the dashboard URL and paste the token in Control UI settings";
  }
  return mode === "password" ? "provide gateway auth password" : "provide gateway auth token";
}
