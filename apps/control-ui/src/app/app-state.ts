import { type Approvals, noApprovals, reduceApprovals } from "../features/approvals/approvals.ts";
import { type Conversation, initialConversation, reduceConversation } from "../features/chat/conversation.ts";
import { type OutboxItem, reduceOutbox } from "../features/chat/outbox.ts";
import { type Link, reduceLink } from "../features/connect/link.ts";
import { reduceThisDevice, type ThisDevice } from "../features/connect/this-device.ts";
import { type Devices, noDevices, reduceDevices } from "../features/devices/devices.ts";
import { type Catalog, emptyCatalog, reduceCatalog } from "../features/sessions/catalog.ts";
import { initialSessions, reduceSessions, type Sessions } from "../features/sessions/sessions.ts";
import type { AppAction } from "./actions.ts";
import { reducePage } from "./page.ts";
import type { PageName } from "./route.ts";

export type AppState = {
  link: Link;
  thisDevice: ThisDevice;
  page: PageName;
  catalog: Catalog;
  sessions: Sessions;
  conversation: Conversation;
  outbox: readonly OutboxItem[];
  devices: Devices;
  approvals: Approvals;
};

export const initialAppState: AppState = {
  link: { at: "starting" },
  thisDevice: undefined,
  page: "chat",
  catalog: emptyCatalog,
  sessions: initialSessions,
  conversation: initialConversation,
  outbox: [],
  devices: noDevices,
  approvals: noApprovals,
};

const slices = Object.keys(initialAppState) as (keyof AppState)[];

/** Every slice sees every action; the state stays the same object when no slice changed. */
export function reduceApp(state: AppState, action: AppAction): AppState {
  const next: AppState = {
    link: reduceLink(state.link, action),
    thisDevice: reduceThisDevice(state.thisDevice, action),
    page: reducePage(state.page, action),
    catalog: reduceCatalog(state.catalog, action),
    sessions: reduceSessions(state.sessions, action),
    conversation: reduceConversation(state.conversation, action),
    outbox: reduceOutbox(state.outbox, action),
    devices: reduceDevices(state.devices, action),
    approvals: reduceApprovals(state.approvals, action),
  };
  return slices.every((slice) => next[slice] === state[slice]) ? state : next;
}
