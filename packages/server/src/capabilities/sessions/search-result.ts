import { visibleText } from "@openclaw-gateway/protocol";
import type { FoundMessage } from "../../conversations/conversation-store.ts";

const charsBefore = 60;
const maxChars = 240;

/** A found message with the part of its text where the first word stands. */
export function toSearchResult({ key, sessionId, id, message, score }: FoundMessage, words: readonly string[]) {
  const snippet = cutAround(visibleText(message), words);
  return {
    sessionKey: key,
    sessionId,
    messageId: id,
    role: message.role,
    timestamp: message.timestamp,
    snippet,
    score,
  };
}

function cutAround(said: string, words: readonly string[]): string {
  const text = said.replaceAll(/\s+/g, " ").trim();
  const folded = text.toLowerCase();
  const places = words.map((word) => folded.indexOf(word.toLowerCase())).filter((place) => place >= 0);
  const start = Math.max(0, Math.min(...places, text.length) - charsBefore);
  // Found only without its accents: the beginning of the text tells as much.
  const from = places.length === 0 ? 0 : start;
  const cut = text.slice(from, from + maxChars).toWellFormed();
  return `${from > 0 ? "…" : ""}${cut}${from + maxChars < text.length ? "…" : ""}`;
}
