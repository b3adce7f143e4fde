import type { StoredMessage } from "../../conversations/conversation-store.ts";

/**
 * As many messages as fit, without holes and at least one: counted from the newest, from the oldest, or outward from one
 * that must be there.
 */
export function withinBytes(
  messages: readonly StoredMessage[],
  maxBytes: number,
  { from, around }: { from: "newest" | "oldest"; around?: string },
): readonly StoredMessage[] {
  const sizeOf = (index: number): number => {
    const message = messages[index]?.message;
    return message ? JSON.stringify(message).length : Number.POSITIVE_INFINITY;
  };
  if (messages.length === 0) return messages;
  const anchor = messages.findIndex(({ id }) => id === around);
  const start = anchor >= 0 ? anchor : from === "newest" ? messages.length - 1 : 0;
  let [first, last] = [start, start];
  let left = maxBytes - sizeOf(start);
  for (;;) {
    const older = sizeOf(first - 1);
    const newer = sizeOf(last + 1);
    if (Math.min(older, newer) > left) return messages.slice(first, last + 1);
    // From the middle the smaller side grows first, so that both are seen.
    const growsOlder = older <= left && (newer > left || start - first <= last - start);
    left -= growsOlder ? older : newer;
    if (growsOlder) first--;
    else last++;
  }
}
