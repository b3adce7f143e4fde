import type { ClientOptions, DeviceChallenge } from "./core/index.ts";
import { openDeviceIdentity } from "./device-identity.ts";
import type { GatewayConfig } from "./gateway-config.ts";

/** A file is opened with the first connection; a mistake in it is told there. */
export function asDevice(
  device: NonNullable<GatewayConfig["device"]>,
  url: string,
  role: GatewayConfig["role"],
): Required<Pick<ClientOptions, "signDevice" | "deviceTokens">> {
  let opened: ReturnType<typeof openDeviceIdentity> | undefined;
  const identity = async () => (typeof device === "string" ? await (opened ??= openDeviceIdentity(device)) : device);
  const tokens = async () => (await identity()).tokensFor(url, role);
  return {
    signDevice: async (challenge: DeviceChallenge) => (await identity()).sign(challenge),
    deviceTokens: {
      read: async () => (await tokens()).read(),
      keep: async (token: string) => (await tokens()).keep(token),
      drop: async () => (await tokens()).drop(),
    },
  };
}
