import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";

const text = z.string().min(1);
const pairing = { role: "operator", scope: "operator.pairing" } as const;
const requestId = z.strictObject({ requestId: text });

/** A device that asks for a role or for scopes that nobody has approved. Names come from the device: never trusted. */
export const DeviceRequest = z.looseObject({
  requestId: z.string(),
  deviceId: z.string(),
  /** Raw Ed25519 key, base64url. */
  publicKey: z.string(),
  displayName: z.string().optional(),
  platform: z.string().optional(),
  deviceFamily: z.string().optional(),
  clientId: z.string().optional(),
  clientMode: z.string().optional(),
  /** Set when the request came from a web page. */
  browserOrigin: z.string().optional(),
  role: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  remoteIp: z.string().optional(),
  silent: z.boolean(),
  /** Whether the device is paired already and asks for more. */
  isRepair: z.boolean(),
  ts: z.int(),
});
export type DeviceRequest = z.output<typeof DeviceRequest>;

/** What is told about the token a device holds for a role; never its value. Times are milliseconds since the epoch. */
export const DeviceTokenInfo = z.looseObject({
  role: z.string(),
  scopes: z.array(z.string()),
  createdAtMs: z.int(),
  rotatedAtMs: z.int().optional(),
  revokedAtMs: z.int().optional(),
  lastUsedAtMs: z.int().optional(),
});
export type DeviceTokenInfo = z.output<typeof DeviceTokenInfo>;

export const PairedDevice = z.looseObject({
  deviceId: z.string(),
  publicKey: z.string(),
  displayName: z.string().optional(),
  platform: z.string().optional(),
  deviceFamily: z.string().optional(),
  clientId: z.string().optional(),
  clientMode: z.string().optional(),
  role: z.string(),
  roles: z.array(z.string()),
  /** What was approved; left out for a device that is no operator. */
  scopes: z.array(z.string()).optional(),
  /** Agents it may run; only daemons have some. */
  agentIds: z.array(z.string()).optional(),
  remoteIp: z.string().optional(),
  approvedVia: z.string().optional(),
  createdAtMs: z.int(),
  approvedAtMs: z.int(),
  lastSeenAtMs: z.int().optional(),
  lastSeenReason: z.string().optional(),
  connected: z.boolean().optional(),
  tokens: z.array(DeviceTokenInfo),
});
export type PairedDevice = z.output<typeof PairedDevice>;

/** Devices with a key of their own: who waits, who is let in, with what. */
export const devicesMethods = {
  "device.pair.list": {
    description:
      "Devices that wait for approval, newest first, and paired devices. A device without admin sees itself.",
    since: 3,
    ...pairing,
    params: z.strictObject({}),
    result: z.object({ pending: z.array(DeviceRequest), paired: z.array(PairedDevice) }),
  },
  "device.pair.approve": {
    description: "Lets a waiting device in. Nobody grants more than they hold.",
    since: 3,
    ...pairing,
    params: requestId.extend({ agentIds: z.array(text).max(100).optional() }),
    result: z.object({ requestId: z.string(), device: PairedDevice }),
  },
  "device.pair.reject": {
    description: "Refuses a waiting device.",
    since: 3,
    ...pairing,
    params: requestId,
    result: z.object({ requestId: z.string(), deviceId: z.string() }),
  },
  "device.pair.remove": {
    description: "Forgets a paired device, its tokens and what it asked for, and ends its connections.",
    since: 4,
    ...pairing,
    params: z.strictObject({ deviceId: text }),
    result: z.object({ deviceId: z.string(), removedAtMs: z.int() }),
  },
  "device.pair.rename": {
    description: "Gives a paired device a name of the operator's choice.",
    since: 4,
    ...pairing,
    params: z.strictObject({ deviceId: text, label: text.max(64) }),
    result: z.object({ deviceId: z.string(), label: z.string() }),
  },
  "device.token.rotate": {
    description: "Makes a new token for a role of a device; the old one and connections made with it end.",
    since: 3,
    ...pairing,
    params: z.strictObject({ deviceId: text, role: text, scopes: z.array(text).optional() }),
    result: z.object({
      deviceId: z.string(),
      role: z.string(),
      token: z.string().optional(),
      tokenDelivery: z.literal("in-band").optional(),
      scopes: z.array(z.string()),
      rotatedAtMs: z.int(),
    }),
  },
  "device.token.revoke": {
    description: "Ends a role of a device for good: its token, its connections. Only a new approval brings it back.",
    since: 3,
    ...pairing,
    params: z.strictObject({ deviceId: text, role: text }),
    result: z.object({ deviceId: z.string(), role: z.string(), revokedAtMs: z.int() }),
  },
  "device.pair.setupCode": {
    description: "A code that pairs one device once, within ten minutes: for a telephone or another machine.",
    since: 4,
    role: "operator",
    scope: "operator.admin",
    hidden: true,
    params: z.strictObject({
      publicUrl: text.optional(),
      bootstrapProfile: z.enum(["limited", "node"]).optional(),
    }),
    result: z.object({
      setupId: z.string(),
      setupCode: z.string(),
      gatewayUrl: z.string(),
      auth: z.enum(["token", "password"]),
      urlSource: z.string(),
      access: z.enum(["full", "limited", "node"]),
      expiresAtMs: z.int(),
    }),
  },
} satisfies MethodGroup;

export const devicesEvents = {
  "device.pair.requested": {
    description: "A device waits for approval.",
    since: 3,
    scope: "operator.pairing",
    payload: DeviceRequest,
  },
  "device.pair.resolved": {
    description: "A device was let in or refused.",
    since: 3,
    scope: "operator.pairing",
    payload: z.looseObject({
      requestId: z.string(),
      deviceId: z.string(),
      decision: z.enum(["approved", "rejected"]),
      ts: z.int(),
    }),
  },
} satisfies EventGroup;
