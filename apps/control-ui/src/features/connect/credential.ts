import { createDeviceTokens } from "@openclaw-gateway/browser-client/device";

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

/**
 * What lets this browser in again at one gateway. The shared secret stays only as long as there is no token of the
 * device's own, which is worth nothing without its key.
 */
export function createCredentialStore(gatewayUrl: string, { session, device }: Storages) {
  const secretKey = `openclaw.secret:${gatewayUrl}`;
  const scopesKey = `openclaw.scopes:${gatewayUrl}`;
  const places = [
    { storage: session, tokens: createDeviceTokens(gatewayUrl, session), isRemembered: false },
    { storage: device, tokens: createDeviceTokens(gatewayUrl, device), isRemembered: true },
  ];

  function forget(): void {
    for (const { storage, tokens } of places) {
      storage?.removeItem(secretKey);
      storage?.removeItem(scopesKey);
      tokens.drop();
    }
  }

  function write(isRemembered: boolean, key: string, value: string): void {
    try {
      (isRemembered ? device : session)?.setItem(key, value);
    } catch {
      // A full or forbidden storage: the person signs in again next time.
    }
  }

  return {
    read: (): Login | undefined => {
      for (const { storage, tokens, isRemembered } of places) {
        const token = tokens.read();
        if (token !== undefined) {
          const scopes = (storage?.getItem(scopesKey) ?? "").split(" ").filter((scope) => scope !== "");
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
      write(isRemembered, secretKey, secret);
    },
    /** Keeps what the gateway gave in the place of the secret, and what it allows: nothing more is asked for next time. */
    keepToken: (token: string, scopes: readonly string[], isRemembered: boolean): void => {
      forget();
      places.find((place) => place.isRemembered === isRemembered)?.tokens.keep(token);
      write(isRemembered, scopesKey, scopes.join(" "));
    },
    forget,
  };
}
