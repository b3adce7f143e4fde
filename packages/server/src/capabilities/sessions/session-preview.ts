import { visibleText } from "@openclaw-gateway/protocol";
import type { StoredMessage } from "../../conversations/conversation-store.ts";

/** The last messages as short lines; a cut text ends with three dots and is `maxChars` long in all. */
export function previewItems(
  messages: readonly StoredMessage[],
  limit: number,
  maxChars: number,
): { role: string; text: string }[] {
  return messages
    .map(({ message }) => ({
      role: message.role === "toolResult" ? "tool" : message.role,
      text: visibleText(message).trim(),
    }))
    .filter(({ text }) => text !== "")
    .slice(-limit)
    .map(({ role, text }) => ({ role, text: text.length > maxChars ? `${text.slice(0, maxChars - 3)}...` : text }));
}
