import { isDeepStrictEqual } from "node:util";
import { coversScopes, GatewayError, isScope, missingScope, type Payload } from "@openclaw-gateway/protocol";
import type { Audit } from "../audit/audit.ts";
import type { Clock } from "../platform/clock.ts";
import { createLastingId } from "../platform/lasting-id.ts";
import type { Log } from "../platform/log.ts";
import { mayManageDevice, type Principal } from "../rpc/principal.ts";
import type { BootstrapCode, Device, DeviceClient, DeviceStore, DeviceToken, PendingDevice } from "./device.store.ts";
import { type DeviceTokens, hashToken, matchesHash } from "./device-tokens.ts";
import { createInTurn } from "../platform/in-turn.ts";
import { cleanName } from "./names.ts";
import { type CredentialKind, judgePairing, type PairingClaim, type PairingVerdict } from "./pairing-rules.ts";
import { refusals } from "./refusals.ts";
import { effectiveScopes } from "./scopes-of.ts";

/** How long a device may wait for approval. */
const requestLifetimeMs = 300_000;
const maxRequests = 200;
const maxRequestsPerAddress = 10;
/** Paired devices a list shows. */
const maxListed = 1_000;
/** How exact the time a device was last seen is; a client that connects for every call must not write each time. */
const seenEveryMs = 60_000;

export type DeviceClaim = PairingClaim & {
  deviceId: string;
  publicKey: string;
  client: DeviceClient;
  /** What the number of waiting requests is bounded by. */
  address: string;
  /** The one-time code, when it is what lets the device in. */
  codeHash?: string;
  /** The device token the client showed, when that is what let it in. */
  shownToken?: string;
};

export type DeviceAdmission = {
  scopes: readonly string[];
  /** What the device may show next time. */
  issued?: { token: string; issuedAtMs: number };
};

/** Which live sessions a change of access ends. */
export type SessionsOf = { deviceId: string; role?: string; credential?: CredentialKind };

export type DevicesDeps = {
  store: DeviceStore;
  tokens: DeviceTokens;
  clock: Clock;
  log: Log;
  audit: Pick<Audit, "record" | "tally">;
  requested: (payload: Payload<"device.pair.requested">) => void;
  resolved: (payload: Payload<"device.pair.resolved">) => void;
  /** Closes every session that the change concerns. */
  endSessions: (which: SessionsOf, reason: string) => void;
};

/**
 * Devices with a key of their own: what they were approved for, what they wait for, what they may show instead of the
 * shared secret. Nothing here is ever widened but by an approval, and nobody approves more than they hold.
 */
export function createDevices(deps: DevicesDeps) {
  const { store, tokens, clock, log, audit } = deps;
  // Changes run one after the other, so that nothing comes between what was read and what is written for it.
  const inTurn = createInTurn();
  const change = <T>(work: () => Promise<T>): Promise<T> => inTurn("change", work);
  const seenAt = new Map<string, number>();
  let revision = 0;

  const judge = (claim: DeviceClaim, known: Device | undefined): PairingVerdict => {
    const token = known && tokenOf(known, claim.role);
    return judgePairing(
      claim,
      known && { roles: known.roles, token: token && { scopes: token.scopes, isRevoked: token.revokedAt !== null } },
    );
  };

  /** Whether a device gets in, with which scopes. Throws the refusal, which names the request when somebody must decide. */
  async function admit(claim: DeviceClaim): Promise<DeviceAdmission> {
    const known = await store.device(claim.deviceId);
    const verdict = judge(claim, known);
    if (verdict.do === "admit" && known) return welcome(claim, known, change);
    return change(async () => {
      const current = await store.device(claim.deviceId);
      return settle(claim, current, judge(claim, current));
    });
  }

  async function settle(
    claim: DeviceClaim,
    known: Device | undefined,
    verdict: PairingVerdict,
  ): Promise<DeviceAdmission> {
    switch (verdict.do) {
      case "admit":
        return known ? welcome(claim, known, (work) => work()) : Promise.reject(refusals.changedMeanwhile());
      case "admit-unpaired":
        return { scopes: effectiveScopes(claim.scopes, claim.granted) };
      case "pair": {
        const device = await pairSilently(claim, known);
        return { scopes: claim.scopes, issued: device };
      }
      case "ask":
        throw refusals.pairing(verdict.reason, (await ask(claim, known !== undefined)).requestId);
      case "refuse":
        throw verdict.reason === "beyond-code" ? refusals.beyondCode() : refusals.insecureTransport();
      default:
        return verdict satisfies never;
    }
  }

  async function welcome(claim: DeviceClaim, known: Device, inOwnTurn: typeof change): Promise<DeviceAdmission> {
    const { deviceId, role } = claim;
    const token = tokenOf(known, role)!;
    seen(claim);
    const scopes = effectiveScopes(claim.scopes, token.scopes);
    const value =
      claim.shownToken ??
      (await tokens.reissue({ deviceId, role }, token)) ??
      // The key the token was made with is gone, so nobody can tell the device its token any more.
      (await inOwnTurn(() => replaceToken(known, role, token.scopes, false))).token;
    return { scopes, issued: { token: value, issuedAtMs: token.rotatedAt ?? token.createdAt } };
  }

  function seen({ deviceId, role, credential }: DeviceClaim): void {
    const now = clock.now();
    if (now - (seenAt.get(deviceId) ?? Number.NEGATIVE_INFINITY) < seenEveryMs) return;
    if (seenAt.size >= maxListed) seenAt.clear();
    seenAt.set(deviceId, now);
    const reason = credential === "device-token" ? "device-token-auth" : "connect";
    store.seen(deviceId, role, now, reason).catch((error: unknown) => log.warn({ err: error }, "not noted"));
  }

  async function pairSilently(
    claim: DeviceClaim,
    known: Device | undefined,
  ): Promise<{ token: string; issuedAtMs: number }> {
    const { deviceId, publicKey, client, role, scopes, credential, codeHash } = claim;
    const now = clock.now();
    // Of two devices with one code the first wins, whenever they began.
    if (codeHash !== undefined && !(await store.code(codeHash, now))) throw refusals.bootstrap();
    const waiting = await store.requestOf(deviceId, now);
    const { token, ...sealed } = await tokens.issue({ deviceId, role });
    await store.approve(
      {
        deviceId,
        publicKey,
        label: known?.label ?? null,
        client,
        role: known?.role ?? role,
        roles: [...(known?.roles ?? []), role],
        scopes: known ? known.scopes : scopes,
        agentIds: known?.agentIds ?? [],
        approvedVia: credential === "bootstrap" ? "bootstrap" : "silent",
        createdAt: known?.createdAt ?? now,
        approvedAt: now,
        lastSeenAt: now,
        lastSeenReason: "connect",
      },
      { ...sealed, role, scopes, createdAt: now, rotatedAt: null, revokedAt: null, lastUsedAt: now },
      { ...(waiting && { requestId: waiting.requestId }), ...(codeHash !== undefined && { codeHash }) },
    );
    await audit.record({
      action: "device.paired",
      by: { address: claim.address, name: nameOf(client) },
      subject: deviceId,
      detail: { role, scopes, via: credential },
    });
    deps.resolved({ requestId: waiting?.requestId ?? createLastingId(), deviceId, decision: "approved", ts: now });
    return { token, issuedAtMs: now };
  }

  /** One request waits per device; another attempt, whatever it asks for, finds the first one unchanged. */
  async function ask(claim: DeviceClaim, isRepair: boolean): Promise<PendingDevice> {
    const now = clock.now();
    const waiting = await store.requests(now);
    const own = waiting.find(({ deviceId }) => deviceId === claim.deviceId);
    if (own) return own;
    const fromThere = waiting.filter(({ address }) => address === claim.address).length;
    if (waiting.length >= maxRequests || fromThere >= maxRequestsPerAddress) throw refusals.tooManyRequests();
    const { deviceId, publicKey, client, role, scopes, address } = claim;
    const request: PendingDevice = {
      requestId: createLastingId(),
      deviceId,
      publicKey,
      client,
      role,
      scopes,
      isRepair,
      address,
      createdAt: now,
      expiresAt: now + requestLifetimeMs,
    };
    await store.addRequest(request);
    log.info({ deviceId, role, scopes, requestId: request.requestId }, "a device waits for approval");
    audit.tally({
      action: "device.pairing.requested",
      by: { address, name: nameOf(client) },
      subject: deviceId,
      detail: { role, scopes },
    });
    deps.requested(toRequested(request));
    return request;
  }

  /** A new token in the place of the old one. Needs the turn. */
  async function replaceToken(device: Device, role: string, scopes: readonly string[], isRotation: boolean) {
    const now = clock.now();
    const old = tokenOf(device, role)!;
    const { token, ...sealed } = await tokens.issue({ deviceId: device.deviceId, role });
    await store.saveToken(device.deviceId, {
      ...old,
      ...sealed,
      scopes,
      rotatedAt: isRotation ? now : old.rotatedAt,
    });
    return { token, rotatedAtMs: now };
  }

  /** The request, if this caller may decide about it. */
  async function waitingFor(caller: Principal, requestId: string): Promise<PendingDevice> {
    const request = await store.request(requestId, clock.now());
    if (!request || !mayManageDevice(caller, request.deviceId)) {
      throw new GatewayError("INVALID_REQUEST", "unknown requestId");
    }
    return request;
  }

  async function pairedFor(caller: Principal, deviceId: string, what: string): Promise<Device> {
    const device = mayManageDevice(caller, deviceId) ? await store.device(deviceId) : undefined;
    if (!device) throw new GatewayError("INVALID_REQUEST", `unknown ${what}`);
    return device;
  }

  /**
   * Ends sessions when their access has been taken from the disk, and whoever is half-way through the handshake. The last
   * step of a change: a caller who ends its own session is answered first.
   */
  function end(which: SessionsOf, reason: string): void {
    revision++;
    deps.endSessions(which, reason);
  }

  return {
    /** Grows with everything that takes access away; a handshake that saw another number must not go on. */
    get revision() {
      return revision;
    },
    admit,
    /** Whether a token is the live one of this device and role. */
    isToken: async (deviceId: string, role: string, shown: string): Promise<boolean> => {
      const device = await store.device(deviceId);
      const token = device && tokenOf(device, role);
      return token !== undefined && token.revokedAt === null && matchesHash(shown, token.hash);
    },
    /** The device whose live token of this role is shown, with nothing else to tell it by. */
    tokenOwner: async (
      role: string,
      shown: string,
    ): Promise<{ deviceId: string; scopes: readonly string[] } | undefined> => {
      const owner = await store.tokenOwner(hashToken(shown));
      if (!owner || owner.token.role !== role || owner.token.revokedAt !== null) return undefined;
      return { deviceId: owner.deviceId, scopes: owner.token.scopes };
    },
    hasToken: async (deviceId: string, role: string): Promise<boolean> => {
      const device = await store.device(deviceId);
      const token = device && tokenOf(device, role);
      return token !== undefined && token.revokedAt === null;
    },
    /** A one-time code that is still good. */
    code: (shown: string): Promise<BootstrapCode | undefined> => store.code(hashToken(shown), clock.now()),
    addCode: async (caller: Principal, code: BootstrapCode): Promise<void> => {
      await store.addCode(code);
      const { setupId, role, scopes } = code;
      const by = { principal: caller };
      await audit.record({ action: "device.code.issued", by, subject: setupId, detail: { role, scopes } });
    },
    /** Agents that a daemon was allowed to run when it was approved. */
    grantedAgents: async (deviceId: string): Promise<readonly string[]> =>
      (await store.device(deviceId))?.agentIds ?? [],

    list: async (caller: Principal): Promise<{ pending: PendingDevice[]; paired: Device[] }> => {
      const [pending, paired] = await Promise.all([store.requests(clock.now()), store.devices(maxListed)]);
      return {
        pending: pending.filter(({ deviceId }) => mayManageDevice(caller, deviceId)),
        paired: paired.filter(({ deviceId }) => mayManageDevice(caller, deviceId)),
      };
    },

    approve: (caller: Principal, requestId: string, agentIds: readonly string[] | undefined): Promise<Device> =>
      change(async () => {
        const request = await waitingFor(caller, requestId);
        const { deviceId, role } = request;
        const known = await store.device(deviceId);
        const old = known && tokenOf(known, role);
        // A revoked role starts anew; what a live one has is kept.
        const kept = old && old.revokedAt === null ? old.scopes : [];
        const scopes = [...new Set([...kept, ...request.scopes])];
        mustHold(caller, scopes);
        if (agentIds && agentIds.length > 0) mustHold(caller, ["operator.admin"]);
        const now = clock.now();
        const { token: _, ...sealed } = await tokens.issue({ deviceId, role });
        const token: DeviceToken = {
          ...sealed,
          role,
          scopes,
          createdAt: now,
          rotatedAt: null,
          revokedAt: null,
          lastUsedAt: null,
        };
        const device: Omit<Device, "tokens"> = {
          deviceId,
          publicKey: request.publicKey,
          label: known?.label ?? null,
          client: request.client,
          role: known?.role ?? role,
          roles: [...new Set([...(known?.roles ?? []), role])],
          scopes: role === "operator" ? scopes : (known?.scopes ?? []),
          agentIds: agentIds ?? known?.agentIds ?? [],
          approvedVia: "owner",
          createdAt: known?.createdAt ?? now,
          approvedAt: now,
          lastSeenAt: known?.lastSeenAt ?? null,
          lastSeenReason: known?.lastSeenReason ?? null,
        };
        await store.approve(device, token, { requestId });
        await audit.record({
          action: "device.pairing.approved",
          by: { principal: caller },
          subject: deviceId,
          detail: { role, scopes },
        });
        // Its old token is replaced; sessions made with it keep what they had, but for agents.
        if (!isDeepStrictEqual(device.agentIds, known?.agentIds ?? []))
          end({ deviceId, role: "agent" }, "device agents changed");
        deps.resolved({ requestId, deviceId, decision: "approved", ts: now });
        return { ...device, tokens: [...(known?.tokens ?? []).filter((other) => other.role !== role), token] };
      }),

    reject: (caller: Principal, requestId: string): Promise<PendingDevice> =>
      change(async () => {
        const request = await waitingFor(caller, requestId);
        await store.removeRequest(requestId);
        const { deviceId } = request;
        await audit.record({ action: "device.pairing.rejected", by: { principal: caller }, subject: deviceId });
        deps.resolved({ requestId, deviceId, decision: "rejected", ts: clock.now() });
        return request;
      }),

    remove: (caller: Principal, deviceId: string): Promise<number> =>
      change(async () => {
        await pairedFor(caller, deviceId, "deviceId");
        await store.remove(deviceId);
        await audit.record({ action: "device.removed", by: { principal: caller }, subject: deviceId });
        end({ deviceId }, "device removed");
        return clock.now();
      }),

    rename: (caller: Principal, deviceId: string, label: string): Promise<string> =>
      change(async () => {
        const name = cleanName(label);
        if (name === "") throw new GatewayError("INVALID_REQUEST", "label required");
        await pairedFor(caller, deviceId, "deviceId");
        await store.rename(deviceId, name);
        await audit.record({
          action: "device.renamed",
          by: { principal: caller },
          subject: deviceId,
          detail: { name },
        });
        return name;
      }),

    rotate: (caller: Principal, deviceId: string, role: string, asked: readonly string[] | undefined) =>
      change(async () => {
        const device = await pairedFor(caller, deviceId, "deviceId/role");
        const old = tokenOf(device, role);
        if (!old || old.revokedAt !== null) throw new GatewayError("INVALID_REQUEST", "unknown deviceId/role");
        const scopes = asked ?? old.scopes;
        const beyond = scopes.find((scope) => !isScope(scope) || !coversScopes(old.scopes, [scope]));
        if (beyond !== undefined) {
          throw new GatewayError("INVALID_REQUEST", `scope was not approved for this device: ${beyond}`, {
            details: { field: "scopes", hint: "let the device ask for it, and approve that" },
          });
        }
        mustHold(caller, scopes);
        const { token, rotatedAtMs } = await replaceToken(device, role, scopes, true);
        await audit.record({
          action: "device.token.rotated",
          by: { principal: caller },
          subject: deviceId,
          detail: { role, scopes },
        });
        end({ deviceId, role, credential: "device-token" }, "device token rotated");
        return { token, scopes, rotatedAtMs };
      }),

    revoke: (caller: Principal, deviceId: string, role: string): Promise<number> =>
      change(async () => {
        const device = await pairedFor(caller, deviceId, "deviceId/role");
        const token = tokenOf(device, role);
        if (!token) throw new GatewayError("INVALID_REQUEST", "unknown deviceId/role");
        const revokedAt = token.revokedAt ?? clock.now();
        if (token.revokedAt === null) await store.saveToken(deviceId, { ...token, revokedAt });
        await audit.record({
          action: "device.token.revoked",
          by: { principal: caller },
          subject: deviceId,
          detail: { role },
        });
        end({ deviceId, role }, "device token revoked");
        return revokedAt;
      }),
  };
}
export type Devices = ReturnType<typeof createDevices>;

const tokenOf = (device: Device, role: string): DeviceToken | undefined =>
  device.tokens.find((token) => token.role === role);

const nameOf = ({ displayName, clientId }: DeviceClient): string => displayName ?? clientId;

/** Nobody hands out what they do not hold in this very session. */
function mustHold(caller: Principal, scopes: readonly string[]): void {
  const lacking = scopes.find((scope) => !coversScopes(caller.scopes, [scope]));
  if (lacking !== undefined) throw missingScope(lacking);
}

/** A waiting request as it goes over the wire. */
export const toRequested = (request: PendingDevice): Payload<"device.pair.requested"> => ({
  requestId: request.requestId,
  deviceId: request.deviceId,
  publicKey: request.publicKey,
  ...request.client,
  role: request.role,
  roles: [request.role],
  scopes: [...request.scopes],
  silent: false,
  isRepair: request.isRepair,
  ts: request.createdAt,
});
