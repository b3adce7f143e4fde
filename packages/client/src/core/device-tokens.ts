import type { DeviceTokens } from "./options.ts";

/** The kept token of one client: what the store says, except what a gateway has refused since. */
export function createDeviceTokens(store: DeviceTokens | undefined) {
  let shown: string | undefined;
  let refused: string | undefined;
  /** A store that cannot write must not cost the connection; the token comes again with the next `hello-ok`. */
  const run = async (work: (kept: DeviceTokens) => Promise<void> | void): Promise<void> => {
    if (store) await work(store);
  };
  return {
    read: async (): Promise<string | undefined> => {
      const token = await store?.read();
      shown = token === refused ? undefined : token;
      return shown;
    },
    keep: (token: string | undefined): void => {
      if (token === undefined || token === shown) return;
      refused = undefined;
      run((kept) => kept.keep(token)).catch(() => {});
    },
    drop: (): void => {
      refused = shown;
      run((kept) => kept.drop()).catch(() => {});
    },
  };
}
