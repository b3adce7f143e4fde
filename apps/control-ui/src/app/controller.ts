import { createRandomId, type GatewayClient } from "@openclaw-gateway/browser-client";
import type { Params, Result } from "@openclaw-gateway/protocol";
import { createApprovalsSync, type Decide } from "../features/approvals/approvals-sync.ts";
import { type ChatSync, createChatSync } from "../features/chat/chat-sync.ts";
import { openStorages } from "../features/connect/credential.ts";
import { createDevicesSync, type DevicesSync } from "../features/devices/devices-sync.ts";
import { createSessionsSync } from "../features/sessions/sessions-sync.ts";
import type { AppAction } from "./actions.ts";
import { type AppState, initialAppState, reduceApp } from "./app-state.ts";
import { canonicalKey, keyDefaults, mainKeyOf } from "./defaults.ts";
import { createGatewayLink, type GatewayLink } from "./gateway-link.ts";
import { placeOfPage } from "./place.ts";
import { pageOfPath, pathOfPage, pathOfSession, pathWithin, sessionOfPath, type sidePages } from "./route.ts";
import { createStore, type Store } from "./store.ts";

/** What the components may do. */
export interface Controller {
  readonly store: Store<AppState, AppAction>;
  readonly link: GatewayLink;
  /** Undefined until the first client exists. */
  readonly chat: ChatSync | undefined;
  /** Where the gateway serves the dashboard: what the paths of links begin with. */
  readonly place: string;
  openSession(key: string): void;
  openPage(page: SidePage): void;
  newChat(): void;
  reloadSessions(): void;
  /** Undefined until the first client exists. */
  readonly devices: DevicesSync | undefined;
  readAudit: ReadAudit;
  /** Answers a command that waits for a decision. */
  decide: Decide;
}

type ReadAudit = (params: Params<"audit.list">) => Promise<Result<"audit.list">>;
type SidePage = (typeof sidePages)[number];

/** Builds the page's working parts: state, connection, address bar. */
export function createController(page: Window): Controller {
  const store = createStore<AppState, AppAction>(initialAppState, reduceApp);
  const place = placeOfPage(page.document);
  const here = (): string => pathWithin(place, page.location.pathname);
  let chat: ChatSync | undefined;
  let reloadSessions = (): void => {};
  let devices: DevicesSync | undefined;
  let current: GatewayClient | undefined;
  let decide: Decide = async () => {};

  const link = createGatewayLink({
    store,
    storages: openStorages(page),
    page,
    place,
    attach: (client: GatewayClient) => {
      chat = createChatSync(client, store);
      reloadSessions = createSessionsSync(client, store);
      devices = createDevicesSync(client, store);
      current = client;
      decide = createApprovalsSync(client, store);
      const startChat = chat;
      client.onState(({ at }) => {
        if (at === "ready") onReady(startChat);
      });
    },
  });

  /** Shows what the address bar names. */
  function follow(): void {
    store.dispatch({ type: "page-opened", page: pageOfPath(here()) });
  }

  function sessionHere(): string {
    const { link: state } = store.get();
    const named = sessionOfPath(here());
    return named === undefined ? mainKeyOf(state) : canonicalKey(named, state);
  }

  function onReady(ready: ChatSync): void {
    const state = store.get();
    if (state.link.at !== "online") return;
    const key = state.page === "chat" ? sessionHere() : state.conversation.sessionKey || mainKeyOf(state.link);
    const path = place + pathOfSession(key, keyDefaults(state.link));
    if (state.page === "chat" && path !== page.location.pathname) page.history.replaceState(null, "", path);
    store.dispatch({ type: "session-opened", key });
    ready.resume();
  }

  function openSession(key: string): void {
    const state = store.get();
    if (key === state.conversation.sessionKey && state.page === "chat") return;
    page.history.pushState(null, "", place + pathOfSession(key, keyDefaults(state.link)));
    show(key);
  }

  function show(key: string): void {
    follow();
    if (key === store.get().conversation.sessionKey) return;
    store.dispatch({ type: "session-opened", key });
    void chat?.loadHistory();
  }

  page.addEventListener("popstate", () => {
    const { link: state } = store.get();
    if (state.at !== "online" && state.at !== "reconnecting") return;
    if (pageOfPath(here()) === "chat") show(sessionHere());
    else follow();
  });
  follow();

  return {
    store,
    link,
    get chat() {
      return chat;
    },
    place,
    openSession,
    openPage: (name) => {
      page.history.pushState(null, "", place + pathOfPage(name));
      follow();
    },
    newChat: () => openSession(canonicalKey(`chat-${createRandomId()}`, store.get().link)),
    reloadSessions: () => reloadSessions(),
    get devices() {
      return devices;
    },
    readAudit: (params) =>
      current ? current.request("audit.list", params) : Promise.reject(new Error("not connected yet")),
    decide: (id, decision) => decide(id, decision),
  };
}
