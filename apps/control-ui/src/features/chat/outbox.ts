import type { AppAction } from "../../app/actions.ts";
import { runIdOfMessage } from "./entries.ts";
import { textOf } from "./transcript.ts";

/**
 * A message of ours that is not in the transcript yet. Its id is the idempotency key of the send and the id of the run,
 * so sending it again can never make a second message.
 */
export type OutboxItem = {
  id: string;
  sessionKey: string;
  text: string;
  state: "sending" | "accepted" | "failed" | "cancelled";
  /** Why it failed. */
  error?: string;
  /** The link was lost before the answer: it may have arrived. Sent again as soon as the link is back. */
  isUncertain?: boolean;
};

export function reduceOutbox(items: readonly OutboxItem[], action: AppAction): readonly OutboxItem[] {
  switch (action.type) {
    case "signed-out":
      return [];
    case "send-started": {
      const item: OutboxItem = { ...action.item, state: "sending" };
      const isRetry = items.some(({ id }) => id === item.id);
      return isRetry ? items.map((other) => (other.id === item.id ? item : other)) : [...items, item];
    }
    case "send-accepted":
      return update(items, action.id, (item) =>
        item.state === "sending"
          ? { id: item.id, sessionKey: item.sessionKey, text: item.text, state: "accepted" }
          : item,
      );
    case "send-failed":
      return update(items, action.id, ({ id, sessionKey, text }) => ({
        id,
        sessionKey,
        text,
        state: "failed",
        error: action.message,
        isUncertain: action.isUncertain,
      }));
    case "send-dropped":
      return without(items, new Set([action.id]));
    case "message-appended":
      return without(items, new Set([runIdOfMessage(action.payload.message)]));
    case "history-loaded":
      return withWaiting(without(items, new Set(action.history.messages.map(runIdOfMessage))), action);
    case "run-progressed":
      // A run that ends while its message is still here never started.
      return action.payload.state === "aborted"
        ? update(items, action.payload.runId, (item) => ({ ...item, state: "cancelled" }))
        : items;
    default:
      return items;
  }
}

/** What waits at the gateway is shown, whoever sent it and whatever page did. */
function withWaiting(
  items: readonly OutboxItem[],
  { key, history }: Extract<AppAction, { type: "history-loaded" }>,
): readonly OutboxItem[] {
  const unknown = (history.pendingInputs?.items ?? []).filter(({ runId }) => items.every(({ id }) => id !== runId));
  if (unknown.length === 0) return items;
  const waiting = unknown.map(({ runId, message }): OutboxItem => ({
    id: runId,
    sessionKey: key,
    text: textOf(message),
    state: "accepted",
  }));
  return [...waiting, ...items];
}

function update(
  items: readonly OutboxItem[],
  id: string,
  change: (item: OutboxItem) => OutboxItem,
): readonly OutboxItem[] {
  return items.some((item) => item.id === id) ? items.map((item) => (item.id === id ? change(item) : item)) : items;
}

function without(items: readonly OutboxItem[], ids: ReadonlySet<string | undefined>): readonly OutboxItem[] {
  const rest = items.filter(({ id }) => !ids.has(id));
  return rest.length === items.length ? items : rest;
}
