import { type BrowserClientOptions, createBrowserClient, type GatewayClient } from "@openclaw-gateway/browser-client";
import type { BrowserDevice } from "@openclaw-gateway/browser-client/device";
import type { Scope } from "@openclaw-gateway/protocol";
import { isScope } from "@openclaw-gateway/protocol/wire";
import { askEntrance } from "../features/connect/ask-gateway.ts";
import { browserName } from "../features/connect/browser-name.ts";
import { createCredentialStore, type Login, type Storages } from "../features/connect/credential.ts";
import { takeFragment } from "../features/connect/fragment.ts";
import { codeOfFailure, requestOfFailure } from "../features/connect/link.ts";
import { openThisDevice } from "../features/connect/this-device.ts";
import { watchApproval } from "../features/connect/watch-approval.ts";
import type { AppAction } from "./actions.ts";
import type { AppState } from "./app-state.ts";
import { gatewayUrlOf } from "./place.ts";
import type { Store } from "./store.ts";

export type GatewayLinkDeps = {
  store: Store<AppState, AppAction>;
  storages: Storages;
  page: Pick<Window, "location" | "history" | "addEventListener" | "document">;
  /** Where the gateway serves this page. */
  place: string;
  /** Starts what reads from and writes to a gateway; called for each client before it connects. */
  attach: (client: GatewayClient) => void;
};

/** Signs in and out: one client for each credential that is tried. */
export interface GatewayLink {
  /** Takes a token or a code from the address bar, else what is stored, else tries without. */
  start(): void;
  signIn(secret: string, isRemembered: boolean): void;
  signOut(): void;
  retryNow(): void;
  /** Takes a new token for this browser; the present link ends with the old one. */
  takeToken(token: string, scopes: readonly string[]): void;
  /** Asks to be paired once more, after a refusal. */
  askAgain(): void;
}

/** What the dashboard asks for; a code and a token of the device allow what they allow. */
const wantedScopes: readonly Scope[] = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
];
const scopesOfCode: readonly Scope[] = ["operator.read", "operator.write", "operator.approvals"];

export function createGatewayLink({ store, storages, page, place, attach }: GatewayLinkDeps): GatewayLink {
  const { origin } = page.location;
  const url = gatewayUrlOf(origin, place);
  const credentials = createCredentialStore(url, storages);
  let device: BrowserDevice | undefined;
  let client: GatewayClient | undefined;
  let lastLogin: Login | undefined;
  let stopWatching: (() => void) | undefined;

  function connect(login: Login | undefined, signer: BrowserDevice | undefined): void {
    stopWatching?.();
    lastLogin = login;
    void client?.close();
    client = createBrowserClient({ url, ...optionsFor(login, signer) });
    const mine = client;
    mine.onState((link) => {
      if (mine !== client) return;
      if (link.at === "stopped" && tryOtherwise(codeOfFailure(link.error), login, signer)) return;
      store.dispatch({ type: "link-changed", link, nowMs: Date.now() });
      if (link.at === "ready" && link.hello.auth?.deviceToken !== undefined) {
        const { deviceToken, scopes } = link.hello.auth;
        credentials.keepToken(deviceToken, scopes, login?.isRemembered ?? false);
      }
      if (link.at === "stopped" && link.reason === "auth-rejected") credentials.forget();
      if (link.at === "stopped" && link.reason === "pairing-required") watch(requestOfFailure(link.error));
      // Nobody was let in yet: trying on by itself would only prolong the lockout.
      if (link.at === "waiting" && store.get().link.at === "signed-out") void mine.close();
      if (link.at === "waiting" && store.get().link.at === "unreachable") void askWhy(mine);
    });
    attach(mine);
    // The state tells what became of it.
    mine.connect().catch(() => {});
  }

  /** What a refusal leaves to try; true when that is under way. */
  function tryOtherwise(code: string, login: Login | undefined, signer: BrowserDevice | undefined): boolean {
    const used = login?.credential;
    // The gateway cannot see that the line is safe, as behind a proxy it does not know: nobody is paired over it, but the
    // secret lets a browser in as it does one without a key.
    if (code === "DEVICE_AUTH_INSECURE_TRANSPORT" && used?.kind === "secret" && signer) {
      connect(login, undefined);
      return true;
    }
    // The secret or the token was changed while the page was open, and this browser was given another meanwhile.
    const kept = code.endsWith("_MISMATCH") ? credentials.read() : undefined;
    if (kept?.credential.kind !== "device-token") return false;
    if (used?.kind === "device-token" && used.token === kept.credential.token) return false;
    connect(kept, device);
    return true;
  }

  function watch(requestId: string | undefined): void {
    if (requestId === undefined) return;
    stopWatching = watchApproval({ place, requestId, page: page.document }, (outcome) => {
      if (outcome === "approved") connect(lastLogin, device);
      else store.dispatch({ type: "approval-of-this-device-ended", requestId, outcome });
    });
  }

  async function askWhy(mine: GatewayClient): Promise<void> {
    const refusal = await askEntrance({ place, origin });
    if (mine === client) store.dispatch({ type: "entrance-told", refusal });
  }

  function takeFromAddress(): Login | undefined {
    const taken = takeFragment(page.location.href);
    if (taken === undefined) return undefined;
    page.history.replaceState(page.history.state, "", taken.rest);
    const { credential } = taken;
    if (credential === undefined) return undefined;
    const login: Login = { credential, isRemembered: credentials.read()?.isRemembered ?? false };
    if (credential.kind === "secret") credentials.keepSecret(credential.secret, login.isRemembered);
    return login;
  }

  return {
    start: () => {
      const taken = takeFromAddress();
      void openThisDevice(url).then((opened) => {
        if (typeof opened !== "string") device = opened;
        const known = typeof opened === "string" ? { obstacle: opened } : { id: opened.id };
        store.dispatch({ type: "this-device-known", device: known });
        connect(taken ?? credentials.read(), device);
      });
      // A new link pasted into this tab changes the fragment only.
      page.addEventListener("hashchange", () => {
        const login = takeFromAddress();
        if (login) connect(login, device);
      });
    },
    signIn: (secret, isRemembered) => {
      credentials.keepSecret(secret, isRemembered);
      connect({ credential: { kind: "secret", secret }, isRemembered }, device);
    },
    signOut: () => {
      stopWatching?.();
      credentials.forget();
      const old = client;
      client = undefined;
      store.dispatch({ type: "signed-out" });
      void old?.close();
    },
    retryNow: () => client?.checkLink(),
    takeToken: (token, scopes) => credentials.keepToken(token, scopes, lastLogin?.isRemembered ?? false),
    askAgain: () => connect(lastLogin, device),
  };
}

/** Which of the two a secret is, the gateway knows. Without a key the page comes as one that has none. */
function optionsFor(login: Login | undefined, signer: BrowserDevice | undefined): BrowserClientOptions {
  const id = signer ? "openclaw-control-ui" : "webchat-ui";
  return {
    client: { id, mode: "webchat", platform: "web", displayName: browserName(navigator.userAgent) },
    caps: ["tool-events"],
    reconnect: { minDelayMs: 1_000, maxDelayMs: 15_000 },
    scopes: wantedScopes,
    ...(signer && { signDevice: signer.sign }),
    ...credentialOptions(login),
  };
}

function credentialOptions(login: Login | undefined): BrowserClientOptions {
  const credential = login?.credential;
  switch (credential?.kind) {
    case undefined:
      return {};
    case "secret":
      return { token: credential.secret, password: credential.secret };
    case "code":
      return { bootstrapToken: credential.code, scopes: scopesOfCode };
    case "device-token":
      return { deviceToken: credential.token, scopes: credential.scopes.filter(isScope) };
    default:
      return credential satisfies never;
  }
}
