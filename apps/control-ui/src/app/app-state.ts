import { type Approvals, noApprovals, reduceApprovals } from "../features/approvals/approvals.ts";
import { type Conversation, initialConversation, reduceConversation } from "../features/chat/conversation.ts";
import { type OutboxItem, reduceOutbox } from "../features/chat/outbox.ts";
import { type Link, reduceLink } from "../features/connect/link.ts";
import { noWaitingDevices, reduceWaitingDevices, type WaitingDevices } from "../features/devices/waiting-devices.ts";
import { type Catalog, emptyCatalog, reduceCatalog } from "../features/sessions/catalog.ts";
import { initialSessions, reduceSessions, type Sessions } from "../features/sessions/sessions.ts";
import type { AppAction } from "./actions.ts";

export type AppState = {
  link: Link;
  catalog: Catalog;
  sessions: Sessions;
  conversation: Conversation;
  outbox: readonly OutboxItem[];
  waitingDevices: WaitingDevices;
  approvals: Approvals;
};

export const initialAppState: AppState = {
  link: { at: "starting" },
  catalog: emptyCatalog,
  sessions: initialSessions,
  conversation: initialConversation,
  outbox: [],
  waitingDevices: noWaitingDevices,
  approvals: noApprovals,
};

/** Every slice sees every action; the state stays the same object when no slice changed. */
export function reduceApp(state: AppState, action: AppAction): AppState {
  const next: AppState = {
    link: reduceLink(state.link, action),
    catalog: reduceCatalog(state.catalog, action),
    sessions: reduceSessions(state.sessions, action),
    conversation: reduceConversation(state.conversation, action),
    outbox: reduceOutbox(state.outbox, action),
    waitingDevices: reduceWaitingDevices(state.waitingDevices, action),
    approvals: reduceApprovals(state.approvals, action),
  };
  const isSame =
    next.link === state.link &&
    next.catalog === state.catalog &&
    next.sessions === state.sessions &&
    next.conversation === state.conversation &&
    next.outbox === state.outbox &&
    next.waitingDevices === state.waitingDevices &&
    next.approvals === state.approvals;
  return isSame ? state : next;
}
