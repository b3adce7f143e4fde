import { type BrowserClientOptions, createBrowserClient, type GatewayClient } from "@openclaw-gateway/browser-client";
import {
  type CredentialStorages,
  forgetCredential,
  readCredential,
  type StoredCredential,
  takeFragmentToken,
  writeCredential,
} from "../features/connect/credential.ts";
import type { AppAction } from "./actions.ts";
import type { AppState } from "./app-state.ts";
import type { Store } from "./store.ts";

export type GatewayLinkDeps = {
  store: Store<AppState, AppAction>;
  storages: CredentialStorages;
  page: Pick<Window, "location" | "history" | "addEventListener">;
  /** Starts what reads from and writes to a gateway; called for each client before it connects. */
  attach: (client: GatewayClient) => void;
};

/** Signs in and out: one client for each credential that is tried. */
export interface GatewayLink {
  /** Takes a token from the address bar, else what is stored, else tries without. */
  start(): void;
  signIn(credential: StoredCredential): void;
  signOut(): void;
  retryNow(): void;
}

export function createGatewayLink({ store, storages, page, attach }: GatewayLinkDeps): GatewayLink {
  let client: GatewayClient | undefined;

  function connect(credential: StoredCredential | undefined): void {
    void client?.close();
    client = createBrowserClient(optionsFor(page.location.origin, credential?.secret));
    const mine = client;
    mine.onState((link) => {
      if (mine !== client) return;
      store.dispatch({ type: "link-changed", link, nowMs: Date.now() });
      if (link.at === "stopped" && link.reason === "auth-rejected") forgetCredential(storages);
      // Nobody was let in yet: trying on by itself would only prolong the lockout.
      if (link.at === "waiting" && store.get().link.at === "signed-out") void mine.close();
    });
    attach(mine);
    // The state tells what became of it.
    mine.connect().catch(() => {});
  }

  function takeFromAddress(): StoredCredential | undefined {
    const taken = takeFragmentToken(page.location.href);
    if (taken === undefined) return undefined;
    page.history.replaceState(page.history.state, "", taken.rest);
    if (taken.token === undefined) return undefined;
    const credential = { secret: taken.token, isRemembered: readCredential(storages)?.isRemembered ?? false };
    writeCredential(storages, credential);
    return credential;
  }

  return {
    start: () => {
      connect(takeFromAddress() ?? readCredential(storages));
      // A new link pasted into this tab changes the fragment only.
      page.addEventListener("hashchange", () => {
        const credential = takeFromAddress();
        if (credential) connect(credential);
      });
    },
    signIn: (credential) => {
      writeCredential(storages, credential);
      connect(credential);
    },
    signOut: () => {
      forgetCredential(storages);
      const old = client;
      client = undefined;
      store.dispatch({ type: "signed-out" });
      void old?.close();
    },
    retryNow: () => client?.checkLink(),
  };
}

/** The address is the page's own origin and nothing else. Which of the two a secret is, the gateway knows. */
function optionsFor(origin: string, secret: string | undefined): BrowserClientOptions {
  return {
    url: `${origin}/ws`,
    ...(secret !== undefined && { token: secret, password: secret }),
    client: { id: "webchat-ui", mode: "webchat", platform: "web", displayName: "Control UI" },
    scopes: ["operator.admin", "operator.read", "operator.write"],
    caps: ["tool-events"],
    reconnect: { minDelayMs: 1_000, maxDelayMs: 15_000 },
  };
}
