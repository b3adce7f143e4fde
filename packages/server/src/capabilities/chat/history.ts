import { canonicalSessionKey, type ChatHistory, type SessionKeyDefaults } from "@openclaw-gateway/protocol";
import { createPageCache } from "../../rpc/page-cache.ts";
import type { Turns } from "../../turns/turns.ts";
import type { StoredMessage } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import { toWireMessage } from "../../conversations/wire-message.ts";
import { type ModelDefaults, toSessionRow } from "../../conversations/session-row.ts";

const defaultLimit = 200;
/** Bytes of one page; older messages are left to the next page. */
const maxPageBytes = 6 * 1024 * 1024;
const maxCachedPages = 200;

/** Pages of transcripts, kept encoded until something in the session changes. */
export function createHistory(deps: {
  conversations: Conversations;
  turns: Turns;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
}) {
  const { conversations, turns, keys } = deps;
  const pages = createPageCache<ChatHistory>(maxCachedPages);

  async function compute(sessionKey: string, key: string, limit: number): Promise<ChatHistory> {
    const session = await conversations.session(key);
    if (!session) return { sessionKey, messages: [], thinkingLevel: "off" };
    const stored = await conversations.history(session.sessionId, { limit });
    const shown = withinBudget(stored);
    const verbose = session.settings["verboseLevel"];
    const thinking = session.settings["thinkingLevel"];
    return {
      sessionKey,
      sessionId: session.sessionId,
      messages: shown.map(toWireMessage),
      thinkingLevel: typeof thinking === "string" ? thinking : "off",
      ...(typeof verbose === "string" && { verboseLevel: verbose }),
      hasMore: session.messageCount > shown.length,
      totalMessages: session.messageCount,
      sessionInfo: toSessionRow(session, deps.modelDefaults()),
    };
  }

  /** What was said under a session id that a reset has replaced. */
  async function past(sessionKey: string, sessionId: string, limit: number): Promise<ChatHistory> {
    const [stored, total] = await Promise.all([
      conversations.history(sessionId, { limit }),
      conversations.countMessages(sessionId),
    ]);
    const messages = withinBudget(stored).map(toWireMessage);
    return { sessionKey, sessionId, messages, hasMore: total > messages.length, totalMessages: total };
  }

  function current(sessionKey: string, key: string, limit: number): ChatHistory | Promise<ChatHistory> {
    const page = pages.get(
      `${limit}|${sessionKey}`,
      () => conversations.revision(key),
      () => compute(sessionKey, key, limit),
    );
    const running = turns.inFlight(key);
    if (!running) return page;
    return Promise.resolve(page).then((loaded) => ({ ...loaded, inFlightRun: running }));
  }

  return (sessionKey: string, limit = defaultLimit, sessionId?: string): ChatHistory | Promise<ChatHistory> => {
    const key = canonicalSessionKey(sessionKey, keys());
    if (sessionId === undefined) return current(sessionKey, key, limit);
    return conversations
      .isPast(key, sessionId)
      .then((isPast) => (isPast ? past(sessionKey, sessionId, limit) : current(sessionKey, key, limit)));
  };
}

function withinBudget(messages: readonly StoredMessage[]): readonly StoredMessage[] {
  let bytes = 0;
  const from = messages.findLastIndex(({ message }) => (bytes += JSON.stringify(message).length) > maxPageBytes);
  return messages.slice(from + 1);
}
