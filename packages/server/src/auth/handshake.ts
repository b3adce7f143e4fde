import {
  closeCodes,
  ConnectParams,
  describeIssues,
  type Dialect,
  dialectOfConnect,
  type FrameForm,
  GatewayError,
  negotiate,
  type Role,
  roles,
  servedProtocols,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../platform/clock.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Peer } from "../transport/transport.ts";
import type { Refusal } from "../connection/state.ts";
import { limiterAddress } from "./address.ts";
import { verifyDevice } from "./device.ts";
import { isAllowedOrigin } from "./origin.ts";
import type { AuthRateLimiter } from "./rate-limiter.ts";
import { credentialHint, type SharedAuth, verifySharedSecret } from "./shared-secret.ts";

export type HandshakeSettings = {
  auth: SharedAuth;
  allowedOrigins: readonly string[];
  /** `gateway.controlUi.allowInsecureAuth`: the Control UI may come without a device identity. */
  allowInsecureControlUi: boolean;
};

export type Admission = { params: ConnectParams; dialect: Dialect; principal: Principal };

/**
 * Decides a `connect` request: parameters, protocol, role, origin, device, secret, in the recorded order. Effective
 * scopes are never more than the secret grants; the shared secret grants all operator scopes.
 */
export function createHandshake(deps: { settings: () => HandshakeSettings; limiter: AuthRateLimiter; clock: Clock }) {
  const { settings, limiter, clock } = deps;

  function decide(raw: unknown, peer: Peer, nonce: string, frames: FrameForm): Admission {
    const asked = dialectOfConnect(raw, frames);
    const { params: given, signed } = asked.decodeConnect(raw);
    const parsed = ConnectParams.safeParse(given, { reportInput: true });
    if (!parsed.success) {
      const issues = describeIssues(parsed.error.issues, asked.enumWords);
      throw new GatewayError("INVALID_REQUEST", `invalid connect params: ${issues}`);
    }
    const params = parsed.data;
    const dialect = negotiate(params.minProtocol, params.maxProtocol, frames);
    if (!dialect) throw mismatch(params);
    const role = params.role ?? "operator";
    if (!isRole(role)) throw new GatewayError("INVALID_REQUEST", "invalid role");
    const { auth, allowedOrigins, allowInsecureControlUi } = settings();
    checkOrigin(params, peer, allowedOrigins);
    checkDevicePresence(params, peer, auth, allowInsecureControlUi);
    const isLocal = peer.isLoopback && !peer.headers.forwarded && isLoopbackHost(peer.headers.host);
    if (params.device) verifyDevice(params, params.device, { nonce, nowMs: clock.now(), isLocal, signed });
    const token = params.auth?.token ?? peer.urlToken;
    const kind = peer.headers.origin === undefined ? "direct" : "browser";
    verifySharedSecret(
      auth,
      { token, password: params.auth?.password },
      { limiter, key: `${limiterAddress(peer.address)}|${kind}|shared` },
      credentialHint(auth.mode, params.client),
    );
    const principal: Principal = {
      id: params.device?.id ?? `shared:${params.client.id}`,
      role,
      scopes: effectiveScopes(role, params.scopes),
      displayName: params.client.displayName ?? params.client.id,
      ...(params.device && { deviceId: params.device.id }),
      causedByAgent: false,
    };
    return { params, dialect, principal };
  }

  return {
    /** The admission, or what to answer and how to close. */
    decide: (raw: unknown, peer: Peer, nonce: string, frames: FrameForm): Admission | Refusal => {
      try {
        return decide(raw, peer, nonce, frames);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        const isMismatch = error.message === "protocol mismatch";
        return { error, closeCode: isMismatch ? closeCodes.protocolMismatch : closeCodes.policy };
      }
    },
  };
}

export type Handshake = ReturnType<typeof createHandshake>;

const isRole = (role: string): role is Role => (roles as readonly string[]).includes(role);

/** Recorded: an operator that names no scopes gets admin. A node has none. */
function effectiveScopes(role: Role, requested: readonly string[] | undefined): readonly string[] {
  if (role === "node") return [];
  return requested && requested.length > 0 ? requested : ["operator.admin"];
}

/** The oldest protocol that official clients may probe with; `servedProtocols` also holds what only others speak. */
const minimumProbeProtocol = 3;

/** Both texts are read: protocol-3 clients look at `expectedProtocol`, protocol-4 clients at `code`. */
function mismatch({ minProtocol, maxProtocol }: ConnectParams): GatewayError {
  return new GatewayError("INVALID_REQUEST", "protocol mismatch", {
    details: {
      code: "PROTOCOL_MISMATCH",
      clientMinProtocol: minProtocol,
      clientMaxProtocol: maxProtocol,
      expectedProtocol: Math.max(...servedProtocols),
      minimumProbeProtocol,
      supported: servedProtocols,
      hint: `this gateway speaks the protocols ${servedProtocols.join(", ")}; offer one of them in minProtocol..maxProtocol`,
    },
  });
}

const isBrowserClient = ({ id, mode }: ConnectParams["client"]): boolean =>
  id === "openclaw-control-ui" || id === "webchat-ui" || mode === "webchat";

/** The upgrade refused foreign origins already; a browser client that sends none is refused here. */
function checkOrigin({ client }: ConnectParams, { headers }: Peer, allowed: readonly string[]): void {
  if (!isBrowserClient(client)) return;
  if (headers.origin !== undefined && isAllowedOrigin(headers.origin, headers.host, allowed)) return;
  throw new GatewayError(
    "INVALID_REQUEST",
    "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)",
    { details: { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED", reason: "origin missing or invalid" } },
  );
}

function checkDevicePresence(
  { client, device, auth }: ConnectParams,
  peer: Peer,
  shared: SharedAuth,
  allowInsecureControlUi: boolean,
): void {
  if (device || shared.mode === "none") return;
  if (client.id === "openclaw-control-ui" && !allowInsecureControlUi) {
    throw new GatewayError("INVALID_REQUEST", "control ui requires HTTPS or localhost (secure context)", {
      details: { code: "CONTROL_UI_DEVICE_IDENTITY_REQUIRED" },
    });
  }
  if (!auth?.token && !auth?.password && !peer.urlToken) {
    throw new GatewayError("NOT_PAIRED", "device identity required", { details: { code: "DEVICE_IDENTITY_REQUIRED" } });
  }
}

const isLoopbackHost = (host: string | undefined): boolean => {
  const name = host?.replace(/:\d+$/, "");
  return name === "localhost" || name === "127.0.0.1" || name === "[::1]";
};
