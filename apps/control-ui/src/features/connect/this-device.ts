import {
  type BrowserDevice,
  type DeviceObstacle,
  DeviceUnavailableError,
  openDevice,
} from "@openclaw-gateway/browser-client/device";
import type { AppAction } from "../../app/actions.ts";

/** This browser as a device, or why it is none; undefined until that is known. */
export type ThisDevice = { id: string } | { obstacle: DeviceObstacle } | undefined;

export function reduceThisDevice(device: ThisDevice, action: AppAction): ThisDevice {
  return action.type === "this-device-known" ? action.device : device;
}

/** Opens the key of this browser. Without one the page goes on: a token or password lets it in all the same. */
export async function openThisDevice(gatewayUrl: string): Promise<BrowserDevice | DeviceObstacle> {
  try {
    return await openDevice(gatewayUrl);
  } catch (error) {
    // Whatever else a browser's storage of keys may meet must not keep the page from connecting.
    return error instanceof DeviceUnavailableError ? error.obstacle : "no-storage";
  }
}

/** What a person can do about it. */
export const obstacleText: Readonly<Record<DeviceObstacle, string>> = {
  "insecure-context":
    "This page came over plain HTTP, so this browser cannot keep a key of its own. Your token or password works all the same. To pair this browser open the page over HTTPS, or through an SSH tunnel to the gateway's machine.",
  "no-ed25519":
    "This browser does not know Ed25519 keys, so it cannot be paired. Your token or password works all the same; a newer browser can be paired.",
  "no-storage":
    "This browser does not let the page store a key, as in some private windows, so it cannot be paired. Your token or password works all the same.",
};
