import { GatewayError } from "@openclaw-gateway/protocol";
import { z } from "zod";
import type { StoredMessage } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import { createCursor, notACursor } from "../../rpc/cursor.ts";

/** Session id and message id: a compacted transcript keeps both, though its positions move. */
export const messageCursor = createCursor("chat.history", z.tuple([z.string(), z.string()]));

/** The message a page cursor names. A transcript that was reset or cut since has another one. */
export async function readPageCursor(
  conversations: Conversations,
  sessionId: string,
  param: "before" | "after",
  text: string,
): Promise<StoredMessage> {
  const place = messageCursor.read(text);
  if (!place) throw notACursor(param, param === "before" ? "olderCursor" : "newerCursor");
  const found = place[0] === sessionId ? await conversations.message(sessionId, place[1]) : undefined;
  if (found) return found;
  throw new GatewayError("INVALID_REQUEST", `${param}: the transcript has changed since; read its newest page`, {
    details: { reason: "transcript-changed", param },
  });
}
