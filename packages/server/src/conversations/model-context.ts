import type { StoredMessage, StoredSession } from "./conversation-store.ts";
import type { Conversations } from "./conversations.ts";

/** Messages of a session that the model is sent at most; the runtime sums up long before. */
const maxMessages = 2_000;

/** What the model is sent of a session, whole: the last summary, then everything from the first message that was kept. */
export async function modelContext(
  conversations: Pick<Conversations, "history" | "whole">,
  { sessionId, summarySeq, contextFrom }: StoredSession,
): Promise<StoredMessage[]> {
  const [[summary], messages] = await Promise.all([
    summarySeq === undefined ? [] : conversations.history(sessionId, { limit: 1, beforeSeq: summarySeq + 1 }),
    conversations.history(sessionId, {
      limit: maxMessages,
      ...(contextFrom !== undefined && { fromSeq: contextFrom }),
    }),
  ]);
  const kept = messages.filter(({ message }) => message.role !== "system");
  const context = summary?.message.role === "system" ? [summary, ...kept] : kept;
  return conversations.whole(sessionId, context);
}
