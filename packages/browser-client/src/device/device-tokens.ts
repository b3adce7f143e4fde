import type { GatewayClient } from "@openclaw-gateway/client/core";
import { gatewayName } from "./device.ts";

/** What a gateway gave this browser to show next time, and what it may do. Worth nothing without the device's key. */
export type DeviceToken = { token: string; role: string; scopes: readonly string[] };

/** The token of this browser for one gateway. */
export interface DeviceTokens {
  read(): DeviceToken | undefined;
  write(token: DeviceToken): void;
  forget(): void;
}

type TokenStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * The token for one gateway in a storage of the page: `localStorage` to be remembered, `sessionStorage` for this tab. A
 * token is found again only for the gateway it was stored for. A storage that refuses keeps nothing, silently.
 */
export function createDeviceTokens(gatewayUrl: string, storage: TokenStorage | undefined): DeviceTokens {
  const key = `openclaw.device-token:${gatewayName(gatewayUrl)}`;
  return {
    read: () => parse(storage?.getItem(key)),
    write: ({ token, role, scopes }) => {
      try {
        storage?.setItem(key, JSON.stringify({ token, role, scopes }));
      } catch {
        // Full or forbidden: the person signs in again next time.
      }
    },
    forget: () => storage?.removeItem(key),
  };
}

/**
 * Keeps what the gateway gives: a new token with each `hello-ok`, and none any more when the gateway no longer takes it.
 * The returned call ends it.
 */
export function keepDeviceToken(client: Pick<GatewayClient, "onState">, tokens: DeviceTokens): () => void {
  return client.onState((state) => {
    if (state.at === "ready" && state.hello.auth?.deviceToken !== undefined) {
      const { deviceToken: token, role, scopes } = state.hello.auth;
      tokens.write({ token, role, scopes });
    }
    if (state.at === "stopped" && state.error !== undefined && "wire" in state.error) {
      if (state.error.wire.details?.["code"] === "AUTH_DEVICE_TOKEN_MISMATCH") tokens.forget();
    }
  });
}

function parse(text: string | null | undefined): DeviceToken | undefined {
  if (!text) return undefined;
  try {
    const stored: unknown = JSON.parse(text);
    if (typeof stored !== "object" || stored === null || !("token" in stored && "role" in stored && "scopes" in stored))
      return undefined;
    const { token, role, scopes } = stored;
    if (typeof token !== "string" || typeof role !== "string" || !Array.isArray(scopes)) return undefined;
    return { token, role, scopes: scopes.filter((scope): scope is string => typeof scope === "string") };
  } catch {
    return undefined;
  }
}
