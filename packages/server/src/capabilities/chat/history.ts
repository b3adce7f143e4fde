import {
  canonicalSessionKey,
  type ChatHistory,
  GatewayError,
  type Params,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { StoredMessage, StoredSession } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import { toWireMessage } from "../../conversations/wire-message.ts";
import { type ModelDefaults, toSessionRow } from "../../conversations/session-row.ts";
import { atMostOne } from "../../rpc/cursor.ts";
import { createPageCache } from "../../rpc/page-cache.ts";
import { userMessage } from "../../turns/transcript-notes.ts";
import type { Turns } from "../../turns/turns.ts";
import { messageCursor, readPageCursor } from "./history-cursors.ts";
import { withinBytes } from "./within-bytes.ts";

const defaultLimit = 200;
/** Bytes of one page; older messages are left to the next page. */
const maxPageBytes = 6 * 1024 * 1024;
const maxCachedPages = 200;
/** Waiting messages that are shown; `total` counts them all. */
const maxPendingShown = 20;

type HistoryParams = Params<"chat.history">;
type Transcript = Pick<StoredSession, "sessionId" | "messageCount">;
type Page = { messages: StoredMessage[]; around?: string };

/** Pages of transcripts, kept encoded until something in the session changes. */
export function createHistory(deps: {
  conversations: Conversations;
  turns: Turns;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
}) {
  const { conversations, turns, keys } = deps;
  const pages = createPageCache<ChatHistory>(maxCachedPages);

  async function read({ sessionId, messageCount }: Transcript, params: HistoryParams): Promise<Page> {
    const { limit = defaultLimit, offset = 0, before, after, messageId } = params;
    if (after !== undefined) {
      const { seq } = await readPageCursor(conversations, sessionId, "after", after);
      return { messages: await conversations.history(sessionId, { limit, afterSeq: seq }) };
    }
    if (messageId !== undefined) {
      const found = await conversations.message(sessionId, messageId);
      if (!found)
        throw new GatewayError("INVALID_REQUEST", `messageId: no such message in this session: ${messageId}`, {
          details: { reason: "unknown-message", messageId },
        });
      const beforeSeq = Math.min(messageCount, found.seq + Math.floor(limit / 2)) + 1;
      return { messages: await conversations.history(sessionId, { limit, beforeSeq }), around: messageId };
    }
    if (before !== undefined) {
      const { seq } = await readPageCursor(conversations, sessionId, "before", before);
      return { messages: await conversations.history(sessionId, { limit, beforeSeq: seq }) };
    }
    // Without an offset the newest are asked for as such: one may come in this moment.
    const messages = await conversations.history(sessionId, {
      limit,
      ...(offset > 0 && { beforeSeq: messageCount - offset + 1 }),
    });
    return { messages };
  }

  async function page(transcript: Transcript, params: HistoryParams): Promise<ChatHistory> {
    const { sessionId, messageCount } = transcript;
    const { messages, around } = await read(transcript, params);
    const shown = withinBytes(messages, Math.min(params.maxBytes ?? maxPageBytes, maxPageBytes), {
      from: params.after === undefined ? "newest" : "oldest",
      ...(around !== undefined && { around }),
    });
    const [first, last] = [shown[0], shown.at(-1)];
    const hasMore = first === undefined ? false : first.seq > 1;
    const isAtEnd = last === undefined || last.seq >= messageCount;
    return {
      sessionKey: params.sessionKey,
      sessionId,
      messages: shown.map(toWireMessage),
      hasMore,
      totalMessages: messageCount,
      ...(hasMore && first && { nextOffset: messageCount - first.seq + 1 }),
      ...(hasMore && first && { olderCursor: messageCursor.write([sessionId, first.id]) }),
      ...(!isAtEnd && last && { newerCursor: messageCursor.write([sessionId, last.id]) }),
      pendingInputs: { items: [], total: 0 },
    };
  }

  async function compute(key: string, params: HistoryParams): Promise<ChatHistory> {
    const { sessionKey, sessionId } = params;
    if (sessionId !== undefined && (await conversations.isPast(key, sessionId)))
      return page({ sessionId, messageCount: await conversations.countMessages(sessionId) }, params);
    const session = await conversations.session(key);
    if (!session) return { sessionKey, messages: [], thinkingLevel: "off" };
    const { verboseLevel: verbose, thinkingLevel: thinking } = session.settings;
    return {
      ...(await page(session, params)),
      thinkingLevel: typeof thinking === "string" ? thinking : "off",
      ...(typeof verbose === "string" && { verboseLevel: verbose }),
      sessionInfo: toSessionRow(session, deps.modelDefaults()),
    };
  }

  return (params: HistoryParams): ChatHistory | Promise<ChatHistory> => {
    const { sessionKey, offset, before, after, messageId } = params;
    atMostOne("chat.history", { offset, before, after, messageId });
    const key = canonicalSessionKey(sessionKey, keys());
    const stored = pages.get(
      JSON.stringify(params),
      () => conversations.revision(key),
      () => compute(key, params),
    );
    const running = turns.inFlight(key);
    const waiting = turns.pending(key);
    if (!running && waiting.length === 0) return stored;
    return Promise.resolve(stored).then((loaded) => ({
      ...loaded,
      ...(running && { inFlightRun: running }),
      ...(waiting.length > 0 && {
        pendingInputs: {
          items: waiting.slice(0, maxPendingShown).map((run) => ({
            id: run.runId,
            runId: run.runId,
            message: userMessage(run, run.queuedAt),
            acceptedAt: run.queuedAt,
            state: "queued" as const,
          })),
          total: waiting.length,
        },
      }),
    }));
  };
}
