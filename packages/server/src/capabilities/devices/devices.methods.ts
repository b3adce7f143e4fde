import { randomBytes } from "node:crypto";
import { methodGroups, type PairedDevice } from "@openclaw-gateway/protocol";
import type { Device, DeviceToken } from "../../auth/device.store.ts";
import { hashToken } from "../../auth/device-tokens.ts";
import { type Devices, toRequested } from "../../auth/devices.ts";
import { setupCodePrefix } from "../../auth/shared-secret.ts";
import type { Clock } from "../../platform/clock.ts";
import { createLastingId } from "../../platform/lasting-id.ts";
import { implement } from "../../rpc/handler.ts";

/** How long a setup code may be used. */
const codeLifetimeMs = 600_000;

export type DevicesMethodsDeps = {
  devices: Devices;
  clock: Clock;
  connected: () => ReadonlySet<string>;
  /** Where this gateway listens, for somebody who has no better address. */
  ownUrl: () => string;
  secretKind: () => "token" | "password";
};

/** What a setup code lets a device do: everything but the gateway's own affairs, or nothing but offering commands. */
const profiles = {
  limited: {
    role: "operator",
    scopes: ["operator.read", "operator.write", "operator.approvals", "operator.questions", "operator.talk"],
  },
  node: { role: "node", scopes: [] },
} as const;

export function createDevicesMethods({ devices, clock, connected, ownUrl, secretKind }: DevicesMethodsDeps) {
  return implement(methodGroups.devices, {
    "device.pair.list": async (_params, { principal }) => {
      const { pending, paired } = await devices.list(principal);
      const online = connected();
      return {
        pending: pending.map(toRequested),
        paired: paired.map((device) => ({ ...toPaired(device), connected: online.has(device.deviceId) })),
      };
    },
    "device.pair.approve": async ({ requestId, agentIds }, { principal }) => ({
      requestId,
      device: toPaired(await devices.approve(principal, requestId, agentIds)),
    }),
    "device.pair.reject": async ({ requestId }, { principal }) => {
      const { deviceId } = await devices.reject(principal, requestId);
      return { requestId, deviceId };
    },
    "device.pair.remove": async ({ deviceId }, { principal }) => ({
      deviceId,
      removedAtMs: await devices.remove(principal, deviceId),
    }),
    "device.pair.rename": async ({ deviceId, label }, { principal }) => ({
      deviceId,
      label: await devices.rename(principal, deviceId, label),
    }),
    "device.token.rotate": async ({ deviceId, role, scopes }, { principal }) => {
      const rotated = await devices.rotate(principal, deviceId, role, scopes);
      return { deviceId, role, ...rotated, scopes: [...rotated.scopes], tokenDelivery: "in-band" };
    },
    "device.token.revoke": async ({ deviceId, role }, { principal }) => ({
      deviceId,
      role,
      revokedAtMs: await devices.revoke(principal, deviceId, role),
    }),
    "device.pair.setupCode": async ({ publicUrl, bootstrapProfile = "limited" }, { principal }) => {
      const { role, scopes } = profiles[bootstrapProfile];
      const bootstrapToken = setupCodePrefix + randomBytes(24).toString("base64url");
      const setupId = createLastingId();
      const now = clock.now();
      const expiresAt = now + codeLifetimeMs;
      await devices.addCode(principal, {
        hash: hashToken(bootstrapToken),
        setupId,
        role,
        scopes: [...scopes],
        createdAt: now,
        expiresAt,
      });
      const gatewayUrl = publicUrl ?? ownUrl();
      return {
        setupId,
        // What the apps scan: an address and the code, as one word.
        setupCode: Buffer.from(JSON.stringify({ url: gatewayUrl, bootstrapToken })).toString("base64url"),
        gatewayUrl,
        auth: secretKind(),
        urlSource: publicUrl === undefined ? "gateway.bind" : "publicUrl",
        access: bootstrapProfile,
        expiresAtMs: expiresAt,
      };
    },
  });
}

function toPaired(device: Device): PairedDevice {
  const { displayName, ...client } = device.client;
  const name = device.label ?? displayName;
  return {
    deviceId: device.deviceId,
    publicKey: device.publicKey,
    ...(name !== undefined && { displayName: name }),
    ...client,
    role: device.role,
    roles: [...device.roles],
    ...(device.roles.includes("operator") && { scopes: [...device.scopes] }),
    ...(device.agentIds.length > 0 && { agentIds: [...device.agentIds] }),
    approvedVia: device.approvedVia,
    createdAtMs: device.createdAt,
    approvedAtMs: device.approvedAt,
    ...(device.lastSeenAt !== null && { lastSeenAtMs: device.lastSeenAt }),
    ...(device.lastSeenReason !== null && { lastSeenReason: device.lastSeenReason }),
    tokens: device.tokens.map(toTokenInfo),
  };
}

const toTokenInfo = (token: DeviceToken): PairedDevice["tokens"][number] => ({
  role: token.role,
  scopes: [...token.scopes].toSorted(),
  createdAtMs: token.createdAt,
  ...(token.rotatedAt !== null && { rotatedAtMs: token.rotatedAt }),
  ...(token.revokedAt !== null && { revokedAtMs: token.revokedAt }),
  ...(token.lastUsedAt !== null && { lastUsedAtMs: token.lastUsedAt }),
});
