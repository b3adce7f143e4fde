import { GatewayError, type ConnectParams } from "@openclaw-gateway/protocol";
import type { AskReason } from "./pairing-rules.ts";

type NextStep =
  | "retry_with_device_token"
  | "update_auth_configuration"
  | "update_auth_credentials"
  | "wait_then_retry"
  | "review_auth_configuration";

type Details = {
  /** The stable word programs decide by; clients of protocol 4 know these codes. */
  code: string;
  authReason?: string;
  recommendedNextStep?: NextStep;
  canRetryWithDeviceToken?: boolean;
  /** What a person can do about it. */
  hint: string;
};

const refused = (message: string, details: Details, retryAfterMs?: number): GatewayError =>
  new GatewayError("INVALID_REQUEST", message, {
    details,
    retryable: retryAfterMs !== undefined,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

export type SecretKind = "token" | "password";

/** What a person can do about a wrong or missing secret, by the kind of client; the texts are recorded. */
export function secretHint(kind: SecretKind, client: ConnectParams["client"]): string {
  if (client.mode === "cli") {
    return kind === "password"
      ? "set gateway.remote.password to match gateway.auth.password"
      : "set gateway.remote.token to match gateway.auth.token";
  }
  if (client.id === "openclaw-control-ui" || client.mode === "webchat") {
    return kind === "password"
      ? "enter the password in Control UI settings"
      : "open the dashboard URL and paste the token in Control UI settings";
  }
  return kind === "password" ? "provide gateway auth password" : "provide gateway auth token";
}

/** Refusals of credentials: the message and close reason as recorded, the code for programs, the hint for people. */
export const refusals = {
  secret: (
    kind: SecretKind,
    why: "missing" | "mismatch",
    client: ConnectParams["client"],
    more: { canRetryWithDeviceToken: boolean; wrongKind: string | undefined },
  ) => {
    const hint = more.wrongKind ?? secretHint(kind, client);
    return refused(`unauthorized: gateway ${kind} ${why} (${secretHint(kind, client)})`, {
      code: `AUTH_${kind.toUpperCase()}_${why.toUpperCase()}`,
      authReason: `${kind}_${why}`,
      canRetryWithDeviceToken: more.canRetryWithDeviceToken,
      recommendedNextStep: more.canRetryWithDeviceToken ? "retry_with_device_token" : "update_auth_credentials",
      hint,
    });
  },
  deviceToken: () =>
    refused("unauthorized: device token mismatch (rotate/reissue device token)", {
      code: "AUTH_DEVICE_TOKEN_MISMATCH",
      authReason: "device_token_mismatch",
      canRetryWithDeviceToken: false,
      recommendedNextStep: "update_auth_credentials",
      hint: "forget the stored device token and connect with the gateway's token or password; a new device token comes with it",
    }),
  bootstrap: () =>
    refused("unauthorized: bootstrap token invalid or expired (ask for a new setup code)", {
      code: "AUTH_BOOTSTRAP_TOKEN_INVALID",
      authReason: "bootstrap_token_invalid",
      recommendedNextStep: "update_auth_credentials",
      hint: "a setup code works once and for ten minutes; make a new one with `openclaw devices setup-code`",
    }),
  beyondCode: () =>
    refused("unauthorized: the setup code does not allow these scopes", {
      code: "AUTH_SCOPE_MISMATCH",
      authReason: "scope_mismatch",
      recommendedNextStep: "review_auth_configuration",
      hint: "ask for fewer scopes, or pair this device by approval",
    }),
  rateLimited: (retryAfterMs: number) =>
    refused(
      "unauthorized: too many failed authentication attempts (retry later)",
      {
        code: "AUTH_RATE_LIMITED",
        authReason: "rate_limited",
        recommendedNextStep: "wait_then_retry",
        hint: `wait ${Math.ceil(retryAfterMs / 1_000)} seconds, then try again with the right credentials`,
      },
      retryAfterMs,
    ),
  notFromHere: () =>
    refused("unauthorized: this gateway asks for no secret and serves its own machine only", {
      code: "AUTH_UNAUTHORIZED",
      authReason: "not_local",
      recommendedNextStep: "update_auth_configuration",
      hint: 'set gateway.auth.mode to "token" to let other machines, or a reverse proxy, connect',
    }),
  proxy: (why: "untrusted" | "secret" | "identity" | "user") => {
    const told = {
      untrusted: [
        "AUTH_UNAUTHORIZED",
        "connections must come through the trusted proxy",
        "add its address to gateway.trustedProxies, or connect with a token",
      ],
      secret: [
        "AUTH_UNAUTHORIZED",
        "the proxy did not show its secret",
        "let the proxy set the header of gateway.auth.trustedProxy.secretHeader",
      ],
      identity: [
        "AUTH_IDENTITY_HEADER_REQUIRED",
        "the proxy named no user",
        "let the proxy set the header of gateway.auth.trustedProxy.userHeader",
      ],
      user: [
        "AUTH_VERIFIED_USER_REQUIRED",
        "this user is not allowed",
        "add the user to gateway.auth.trustedProxy.allowUsers",
      ],
    } as const satisfies Record<typeof why, readonly [string, string, string]>;
    const [code, message, hint] = told[why];
    return refused(`unauthorized: ${message}`, {
      code,
      authReason: `trusted_proxy_${why}`,
      recommendedNextStep: "review_auth_configuration",
      hint,
    });
  },
  tailscale: (why: "PROXY_MISSING" | "WHOIS_FAILED" | "IDENTITY_MISMATCH") =>
    refused(`unauthorized: tailscale identity could not be confirmed (${why.toLowerCase().replace("_", " ")})`, {
      code: `AUTH_TAILSCALE_${why}`,
      authReason: `tailscale_${why.toLowerCase()}`,
      recommendedNextStep: "review_auth_configuration",
      hint: "open the gateway by its tailnet name through `tailscale serve`, or connect with the gateway's token",
    }),
  insecureTransport: () =>
    refused("device pairing for operator.admin needs a connection that nobody can read along", {
      code: "DEVICE_AUTH_INSECURE_TRANSPORT",
      recommendedNextStep: "review_auth_configuration",
      hint: "connect over HTTPS, a tailnet or an SSH tunnel, or ask for scopes without operator.admin",
    }),
  deviceIdentityRequired: () =>
    new GatewayError("NOT_PAIRED", "device identity required", {
      details: {
        code: "DEVICE_IDENTITY_REQUIRED",
        hint: "send the gateway's token or password, or a signed device identity",
      },
      retryable: false,
    }),
  tooManyRequests: () =>
    new GatewayError("UNAVAILABLE", "too many pairing requests are waiting", {
      details: {
        code: "PAIRING_REQUESTS_FULL",
        hint: "approve or reject waiting devices (`openclaw devices list`), or wait five minutes",
      },
      retryable: true,
      retryAfterMs: 60_000,
    }),
  changedMeanwhile: () =>
    new GatewayError("UNAVAILABLE", "access was changed while connecting; try again", {
      details: { code: "PAIRING_CHANGED", hint: "connect again" },
      retryable: true,
      retryAfterMs: 250,
    }),
  pairing: (reason: AskReason, requestId: string) =>
    new GatewayError("NOT_PAIRED", `pairing required: ${why[reason]} (requestId: ${requestId})`, {
      details: {
        code: "PAIRING_REQUIRED",
        requestId,
        reason,
        // Published clients stop trying, and tell their person; without it they go on until somebody approves or not.
        pauseReconnect: true,
        hint: `approve it with \`openclaw devices approve ${requestId}\` or under Devices in the dashboard`,
      },
      retryable: false,
    }),
};

const why: Readonly<Record<AskReason, string>> = {
  "not-paired": "this device is waiting for approval",
  "role-upgrade": "this device asks for a role that was not approved",
  "scope-upgrade": "this device asks for more than was approved",
};
