import { createRandomId, type GatewayClient } from "@openclaw-gateway/browser-client";
import { createApprovalsSync, type Decide } from "../features/approvals/approvals-sync.ts";
import { type ChatSync, createChatSync } from "../features/chat/chat-sync.ts";
import { openStorages } from "../features/connect/credential.ts";
import { createDevicesSync, type DecideDevice } from "../features/devices/devices-sync.ts";
import { createSessionsSync } from "../features/sessions/sessions-sync.ts";
import type { AppAction } from "./actions.ts";
import { type AppState, initialAppState, reduceApp } from "./app-state.ts";
import { canonicalKey, keyDefaults, mainKeyOf } from "./defaults.ts";
import { createGatewayLink, type GatewayLink } from "./gateway-link.ts";
import { pathOfSession, sessionOfPath } from "./route.ts";
import { createStore, type Store } from "./store.ts";

/** What the components may do. */
export interface Controller {
  readonly store: Store<AppState, AppAction>;
  readonly link: GatewayLink;
  /** Undefined until the first client exists. */
  readonly chat: ChatSync | undefined;
  openSession(key: string): void;
  newChat(): void;
  reloadSessions(): void;
  decideDevice: DecideDevice;
  /** Answers a command that waits for a decision. */
  decide: Decide;
}

/** Builds the page's working parts: state, connection, address bar. */
export function createController(page: Window): Controller {
  const store = createStore<AppState, AppAction>(initialAppState, reduceApp);
  let chat: ChatSync | undefined;
  let reloadSessions = (): void => {};
  let decideDevice: DecideDevice = () => {};
  let decide: Decide = async () => {};

  const link = createGatewayLink({
    store,
    storages: openStorages(page),
    page,
    attach: (client: GatewayClient) => {
      chat = createChatSync(client, store);
      reloadSessions = createSessionsSync(client, store);
      decideDevice = createDevicesSync(client, store);
      decide = createApprovalsSync(client, store);
      const startChat = chat;
      client.onState(({ at }) => {
        if (at === "ready") onReady(startChat);
      });
    },
  });

  function onReady(ready: ChatSync): void {
    const state = store.get();
    if (state.link.at !== "online") return;
    const named = sessionOfPath(page.location.pathname);
    const key = named === undefined ? mainKeyOf(state.link) : canonicalKey(named, state.link);
    const path = pathOfSession(key, keyDefaults(state.link));
    if (path !== page.location.pathname) page.history.replaceState(null, "", path);
    store.dispatch({ type: "session-opened", key });
    ready.resume();
  }

  function openSession(key: string, push = true): void {
    const state = store.get();
    if (key === state.conversation.sessionKey) return;
    if (push) page.history.pushState(null, "", pathOfSession(key, keyDefaults(state.link)));
    store.dispatch({ type: "session-opened", key });
    void chat?.loadHistory();
  }

  page.addEventListener("popstate", () => {
    const { link: state } = store.get();
    if (state.at !== "online" && state.at !== "reconnecting") return;
    const named = sessionOfPath(page.location.pathname);
    openSession(named === undefined ? mainKeyOf(state) : canonicalKey(named, state), false);
  });

  return {
    store,
    link,
    get chat() {
      return chat;
    },
    openSession,
    newChat: () => openSession(canonicalKey(`chat-${createRandomId()}`, store.get().link)),
    reloadSessions: () => reloadSessions(),
    decideDevice: (requestId, decision) => decideDevice(requestId, decision),
    decide: (id, decision) => decide(id, decision),
  };
}
