import { createDeviceTokens, type DeviceTokens } from "@openclaw-gateway/browser-client/device";

/** What a person came with, or was given before. A code pairs this browser once. */
export type Credential =
  | { kind: "secret"; secret: string }
  | { kind: "code"; code: string }
  | { kind: "device-token"; token: string; scopes: readonly string[] };

/** `isRemembered`: it outlives the tab. */
export type Login = { credential: Credential; isRemembered: boolean };

/** The two storages of a browser; either may be missing. */
export type Storages = { session: Storage | undefined; device: Storage | undefined };

/** Storage may be switched off; reading the member throws then. */
export function openStorages(page: Pick<Window, "sessionStorage" | "localStorage">): Storages {
  const open = (read: () => Storage): Storage | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  return { session: open(() => page.sessionStorage), device: open(() => page.localStorage) };
}

export type CredentialStore = ReturnType<typeof createCredentialStore>;

/**
 * What lets this browser in again at one gateway. The shared secret stays only as long as there is no token of the
 * device's own, which is worth nothing without its key.
 */
export function createCredentialStore(gatewayUrl: string, { session, device }: Storages) {
  const secretKey = `openclaw.secret:${gatewayUrl}`;
  const places: readonly { storage: Storage | undefined; tokens: DeviceTokens; isRemembered: boolean }[] = [
    { storage: session, tokens: createDeviceTokens(gatewayUrl, session), isRemembered: false },
    { storage: device, tokens: createDeviceTokens(gatewayUrl, device), isRemembered: true },
  ];

  function forget(): void {
    for (const { storage, tokens } of places) {
      storage?.removeItem(secretKey);
      tokens.forget();
    }
  }

  return {
    read: (): Login | undefined => {
      for (const { storage, tokens, isRemembered } of places) {
        const given = tokens.read();
        if (given) {
          const { token, scopes } = given;
          return { credential: { kind: "device-token", token, scopes }, isRemembered };
        }
        const secret = storage?.getItem(secretKey);
        if (secret) return { credential: { kind: "secret", secret }, isRemembered };
      }
      return undefined;
    },
    /** Keeps the secret for this tab, or on this device; never in both. */
    keepSecret: (secret: string, isRemembered: boolean): void => {
      forget();
      try {
        places.find((place) => place.isRemembered === isRemembered)?.storage?.setItem(secretKey, secret);
      } catch {
        // A full or forbidden storage: the person signs in again next time.
      }
    },
    /** Keeps what the gateway gave in the place of the secret. */
    keepToken: (token: string, role: string, scopes: readonly string[], isRemembered: boolean): void => {
      forget();
      places.find((place) => place.isRemembered === isRemembered)?.tokens.write({ token, role, scopes });
    },
    forget,
  };
}
