/** What a device signs to prove its key. `token` is the shared or device token sent beside it, never a password. */
export type DeviceAuthClaims = {
  deviceId: string;
  clientId: string;
  clientMode: string;
  role: string;
  /** In the order sent in `connect`; the order is part of the signature. */
  scopes: readonly string[];
  signedAtMs: number;
  token: string;
  /** From `connect.challenge`; absent selects payload version 1. */
  nonce?: string;
  platform?: string;
  deviceFamily?: string;
};

const asciiLower = (value: string | undefined): string =>
  (value ?? "").trim().replace(/[A-Z]/g, (c) => c.toLowerCase());

/** The exact UTF-8 strings signed by clients: v1 has no nonce, v3 adds platform and device family. */
export const deviceAuthPayload = {
  v1: (c: DeviceAuthClaims): string => ["v1", ...common(c)].join("|"),
  v2: (c: DeviceAuthClaims): string => ["v2", ...common(c), c.nonce ?? ""].join("|"),
  v3: (c: DeviceAuthClaims): string =>
    ["v3", ...common(c), c.nonce ?? "", asciiLower(c.platform), asciiLower(c.deviceFamily)].join("|"),
} as const;

function common(c: DeviceAuthClaims): string[] {
  return [c.deviceId, c.clientId, c.clientMode, c.role, c.scopes.join(","), String(c.signedAtMs), c.token];
}
