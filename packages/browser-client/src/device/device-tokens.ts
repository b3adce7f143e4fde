import type { DeviceTokens } from "@openclaw-gateway/client/core";
import { gatewayName } from "./device.ts";

type TokenStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * Keeps the token that one gateway gives to this browser in a storage of the page: `localStorage` to be remembered,
 * `sessionStorage` for this tab; the `deviceTokens` of a client. A token is found again only for the gateway it came from,
 * and is worth nothing without the device's key. A storage that refuses keeps nothing, silently.
 */
export function createDeviceTokens(gatewayUrl: string, storage: TokenStorage | undefined) {
  const key = `openclaw.device-token:${gatewayName(gatewayUrl)}`;
  return {
    read: (): string | undefined => storage?.getItem(key) ?? undefined,
    keep: (token: string): void => {
      try {
        storage?.setItem(key, token);
      } catch {
        // Full or forbidden: the person signs in again next time.
      }
    },
    drop: (): void => storage?.removeItem(key),
  } satisfies DeviceTokens;
}
