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
  type SignedNames,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../platform/clock.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Peer } from "../transport/transport.ts";
import type { Refusal } from "../connection/state.ts";
import { limiterAddress } from "./address.ts";
import {
  checkDevicePresence,
  checkOrigin,
  isBrowserClient,
  needsDevice,
  protocolMismatch,
  roleOf,
} from "./connect-rules.ts";
import type { Credential, Credentials, CredentialSettings } from "./credentials.ts";
import { verifyDevice } from "./device.ts";
import type { Grant } from "./grant.ts";
import type { DeviceAdmission, DeviceClaim, Devices } from "./devices.ts";
import { isLocalPeer } from "./locality.ts";
import { isAllowedOrigin } from "./origin.ts";
import { cleanName } from "./names.ts";
import { refusals } from "./refusals.ts";
import { effectiveScopes, requestedScopes } from "./scopes-of.ts";
import { isTrustedProxy } from "./trusted-proxy.ts";

export type HandshakeSettings = CredentialSettings & {
  allowedOrigins: readonly string[];
  /** `gateway.controlUi.allowInsecureAuth`: the Control UI may come without a device identity. */
  allowInsecureControlUi: boolean;
};

export type Admission = {
  params: ConnectParams;
  dialect: Dialect;
  principal: Principal;
  /** What a paired device may show next time. */
  issued?: DeviceAdmission["issued"];
  /** Whether nothing has been taken away since the decision began; asked in the moment the connection becomes ready. */
  isCurrent(): boolean;
};

/**
 * Decides a `connect` request: parameters, protocol, role, origin, device, credential, pairing, in the recorded order.
 * Effective scopes are never more than was granted; names and modes a client gives itself never widen anything.
 */
export function createHandshake(deps: {
  settings: () => HandshakeSettings;
  credentials: Credentials;
  devices: Devices;
  clock: Clock;
}) {
  const { settings, credentials, devices, clock } = deps;

  /** The admission, or what to answer and how to close. At once where no disk is needed. */
  function decide(
    raw: unknown,
    peer: Peer,
    nonce: string,
    frames: FrameForm,
  ): Admission | Refusal | Promise<Admission | Refusal> {
    let dialect: Dialect | undefined;
    try {
      const asked = dialectOfConnect(raw, frames);
      const { params: given, signed } = asked.decodeConnect(raw);
      const parsed = ConnectParams.safeParse(given, { reportInput: true });
      if (!parsed.success) {
        const issues = describeIssues(parsed.error.issues, asked.enumWords);
        throw new GatewayError("INVALID_REQUEST", `invalid connect params: ${issues}`);
      }
      const params = parsed.data;
      dialect = negotiate(params.minProtocol, params.maxProtocol, frames);
      if (!dialect) throw protocolMismatch(params);
      const decided = admit(params, dialect, peer, { nonce, signed });
      if (!(decided instanceof Promise)) return decided;
      return decided.catch((error: unknown) => toRefusal(error, dialect));
    } catch (error) {
      return toRefusal(error, dialect);
    }
  }

  function admit(
    params: ConnectParams,
    dialect: Dialect,
    peer: Peer,
    { nonce, signed }: { nonce: string; signed: SignedNames | undefined },
  ): Admission | Promise<Admission> {
    const role = roleOf(params);
    const { allowedOrigins, allowInsecureControlUi } = settings();
    checkOrigin(params, peer, allowedOrigins);
    const { device } = params;
    const isLocal = isLocalPeer(peer);
    checkDevicePresence(params, peer, { allowInsecureControlUi, isVouchedFor: isVouchedFor(peer) });
    if (params.device) verifyDevice(params, params.device, { nonce, nowMs: clock.now(), isLocal, signed });
    const { revision } = devices;
    // What was shown is not kept.
    const { auth: _, ...kept } = params;
    // Links that no upgrade looked at do not lose what they were not asked for.
    const complied = complies(kept, peer);
    const finish = (credential: Credential, admission: DeviceAdmission): Admission => {
      const grant = { holds: () => (!complied || complies(kept, peer)) && credential.grant.holds() };
      return {
        params: kept,
        dialect,
        principal: toPrincipal(params, role, credential, admission, grant),
        ...(admission.issued && { issued: admission.issued }),
        isCurrent: () => devices.revision === revision && grant.holds(),
      };
    };
    const goOn = (credential: Credential): Admission | Promise<Admission> => {
      const scopes = requestedScopes(role, params.scopes);
      if (!device) {
        // A member of the tailnet is not yet the owner: a device of theirs is approved once, like any other.
        if (credential.kind === "tailscale") throw refusals.deviceIdentityRequired();
        return finish(credential, { scopes: effectiveScopes(scopes, credential.granted) });
      }
      const claim = toClaim(params, device, role, scopes, credential, peer, isLocal);
      return devices.admit(claim).then((admission) => finish(credential, admission));
    };
    const credential = credentials.check(params, peer, role, isLocal);
    return credential instanceof Promise ? credential.then(goOn) : goOn(credential);
  }

  /** Somebody else answers for who it is. */
  function isVouchedFor(peer: Peer): boolean {
    const { auth, allowTailscale, localBypass } = settings();
    if (auth.mode === "trusted-proxy") return peer.via !== undefined;
    return auth.mode === "none" || (allowTailscale && peer.tailnet !== undefined) || (localBypass && isLocalPeer(peer));
  }

  /** What the settings ask of a client beside its credential: the page it comes from, and a device where one is needed. */
  function complies({ client, device }: Pick<ConnectParams, "client" | "device">, peer: Peer): boolean {
    const { allowedOrigins, trustedProxies, allowInsecureControlUi } = settings();
    if (!device && needsDevice(client, allowInsecureControlUi) && !isVouchedFor(peer)) return false;
    const { via, ...direct } = peer;
    const asked = via && isTrustedProxy(peer, trustedProxies) ? peer : direct;
    const { origin } = peer.headers;
    return origin === undefined ? !isBrowserClient(client) : isAllowedOrigin(origin, asked, allowedOrigins);
  }

  return { decide };
}

export type Handshake = ReturnType<typeof createHandshake>;

/** The refusal in the words of the client's protocol; the close reason repeats them. */
function toRefusal(error: unknown, dialect: Dialect | undefined): Refusal {
  if (!(error instanceof GatewayError)) throw error;
  const { code, message, ...rest } = dialect ? dialect.encodeError(error.toWire()) : error.toWire();
  const isMismatch = message === "protocol mismatch";
  return {
    error: new GatewayError(code, message, rest),
    closeCode: isMismatch
      ? closeCodes.protocolMismatch
      : code === "UNAVAILABLE"
        ? closeCodes.tryAgainLater
        : closeCodes.policy,
  };
}

function toPrincipal(
  { client, device }: ConnectParams,
  role: Role,
  credential: Credential,
  { scopes }: DeviceAdmission,
  grant: Grant,
): Principal {
  return {
    id: device?.id ?? (credential.user === undefined ? `shared:${client.id}` : `user:${credential.user}`),
    role,
    scopes,
    displayName: client.displayName ?? credential.user ?? client.id,
    credential: credential.kind,
    grant,
    ...(device && { deviceId: device.id }),
    causedByAgent: false,
  };
}

function toClaim(
  { client }: ConnectParams,
  device: NonNullable<ConnectParams["device"]>,
  role: Role,
  scopes: readonly string[],
  credential: Credential,
  peer: Peer,
  isLocal: boolean,
): DeviceClaim {
  const { origin } = peer.headers;
  const named = (field: "displayName" | "deviceFamily", text: string | undefined) => {
    const name = cleanName(text ?? "");
    return name === "" ? {} : { [field]: name };
  };
  return {
    deviceId: device.id,
    publicKey: Buffer.from(device.publicKey, "base64url").toString("base64url"),
    client: {
      ...named("displayName", client.displayName),
      platform: cleanName(client.platform),
      ...named("deviceFamily", client.deviceFamily),
      clientId: client.id,
      clientMode: client.mode,
      ...(origin !== undefined && { browserOrigin: origin }),
      ...(!peer.isLoopback && { remoteIp: peer.address }),
    },
    role,
    scopes,
    credential: credential.kind,
    granted: credential.granted,
    ...(credential.codeHash !== undefined && { codeHash: credential.codeHash }),
    ...(credential.shownToken !== undefined && { shownToken: credential.shownToken }),
    isLocal,
    isBrowser: origin !== undefined,
    isSecure: peer.isSecure,
    address: limiterAddress(peer.address),
  };
}
