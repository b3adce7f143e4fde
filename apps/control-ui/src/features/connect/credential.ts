/** The two storages of a browser; each belongs to one origin, so a secret never meets another gateway. */
export type CredentialStorages = { session: Storage | undefined; device: Storage | undefined };

export type StoredCredential = { secret: string; isRemembered: boolean };

const storageKey = "openclaw.credential";

/** Storage may be switched off; reading the member throws then. */
export function openStorages(page: Pick<Window, "sessionStorage" | "localStorage">): CredentialStorages {
  const open = (read: () => Storage): Storage | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  return { session: open(() => page.sessionStorage), device: open(() => page.localStorage) };
}

export function readCredential({ session, device }: CredentialStorages): StoredCredential | undefined {
  const ofTab = session?.getItem(storageKey);
  if (ofTab) return { secret: ofTab, isRemembered: false };
  const ofDevice = device?.getItem(storageKey);
  return ofDevice ? { secret: ofDevice, isRemembered: true } : undefined;
}

/** Keeps the secret for this tab, or on this device; never in both. */
export function writeCredential(storages: CredentialStorages, { secret, isRemembered }: StoredCredential): void {
  forgetCredential(storages);
  try {
    (isRemembered ? storages.device : storages.session)?.setItem(storageKey, secret);
  } catch {
    // A full or forbidden storage: the person signs in again next time.
  }
}

export function forgetCredential({ session, device }: CredentialStorages): void {
  session?.removeItem(storageKey);
  device?.removeItem(storageKey);
}

/**
 * Takes the token out of a `#token=…` fragment. `rest` is the address without it, for the address bar; undefined when
 * there is nothing to take.
 */
export function takeFragmentToken(address: string): { token: string | undefined; rest: string } | undefined {
  const url = new URL(address);
  const fragment = new URLSearchParams(url.hash.slice(1));
  if (!fragment.has("token")) return undefined;
  const token = fragment.get("token")?.trim();
  fragment.delete("token");
  url.hash = fragment.toString();
  return { token: token === "" ? undefined : token, rest: url.pathname + url.search + url.hash };
}
