import { type ConnectParams, GatewayError, type Role, roles, servedProtocols } from "@openclaw-gateway/protocol";
import type { Peer } from "../transport/transport.ts";
import { isAllowedOrigin } from "./origin.ts";
import { refusals } from "./refusals.ts";

/** The oldest protocol that official clients may probe with; `servedProtocols` also holds what only others speak. */
const minimumProbeProtocol = 3;

/** Both texts are read: protocol-3 clients look at `expectedProtocol`, protocol-4 clients at `code`. */
export function protocolMismatch({ minProtocol, maxProtocol }: ConnectParams): GatewayError {
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

export function roleOf({ role = "operator" }: ConnectParams): Role {
  if (isRole(role)) return role;
  throw new GatewayError("INVALID_REQUEST", "invalid role", {
    details: { code: "INVALID_ROLE", hint: `role is one of ${roles.join(", ")}` },
  });
}

const isRole = (role: string): role is Role => (roles as readonly string[]).includes(role);

export const isBrowserClient = ({ id, mode }: ConnectParams["client"]): boolean =>
  id === "openclaw-control-ui" || id === "webchat-ui" || mode === "webchat";

/** The upgrade refused foreign origins already; a browser client that sends none is refused here. */
export function checkOrigin({ client }: ConnectParams, peer: Peer, allowed: readonly string[]): void {
  if (!isBrowserClient(client)) return;
  if (peer.headers.origin !== undefined && isAllowedOrigin(peer.headers.origin, peer, allowed)) return;
  throw new GatewayError(
    "INVALID_REQUEST",
    "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)",
    {
      details: {
        code: "CONTROL_UI_ORIGIN_NOT_ALLOWED",
        reason: "origin missing or invalid",
        hint: "open the dashboard at the gateway's own address",
      },
    },
  );
}

export const needsDevice = ({ id }: ConnectParams["client"], allowInsecureControlUi: boolean): boolean =>
  id === "openclaw-control-ui" && !allowInsecureControlUi;

/** A client without a device shows a secret, or is vouched for. */
export function checkDevicePresence(
  { client, device, auth }: ConnectParams,
  peer: Peer,
  { allowInsecureControlUi, isVouchedFor }: { allowInsecureControlUi: boolean; isVouchedFor: boolean },
): void {
  if (device || isVouchedFor) return;
  if (needsDevice(client, allowInsecureControlUi)) {
    throw new GatewayError("INVALID_REQUEST", "control ui requires HTTPS or localhost (secure context)", {
      details: {
        code: "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
        hint: "open the dashboard over HTTPS, through a tailnet or an SSH tunnel, or on the gateway's own machine",
      },
    });
  }
  if (!auth?.token && !auth?.password && !peer.urlToken) throw refusals.deviceIdentityRequired();
}
