import type { TranscriptMessage } from "@openclaw-gateway/protocol";

/** A stored message with its place in the transcript. */
export type Entry = { id: string; seq: number; runId: string | undefined; message: TranscriptMessage };

type Place = { id?: unknown; seq?: unknown; runId?: unknown };

const placeOf = (message: object): Place => {
  const place = "__openclaw" in message ? message.__openclaw : undefined;
  return typeof place === "object" && place !== null ? place : {};
};

/** The run that wrote a message or was asked for by it. */
export function runIdOfMessage(message: object): string | undefined {
  const { runId } = placeOf(message);
  return typeof runId === "string" ? runId : undefined;
}

/** Reads a page of history. A message without a place gets the one it has in the page. */
export function toEntries(messages: readonly TranscriptMessage[]): Entry[] {
  return messages.map((message, index) => toEntry(message, `at-${index}`, index));
}

export function toEntry(message: TranscriptMessage, fallbackId: string, fallbackSeq: number): Entry {
  const { id, seq } = placeOf(message);
  return {
    id: typeof id === "string" ? id : fallbackId,
    seq: typeof seq === "number" ? seq : fallbackSeq,
    runId: runIdOfMessage(message),
    message,
  };
}

/** Both lists as one, in order, each message once. */
export function mergeEntries(known: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
  const byId = new Map(known.map((entry) => [entry.id, entry]));
  const fresh = added.filter(({ id }) => !byId.has(id));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].toSorted((a, b) => a.seq - b.seq);
}

/** Whether the answer of a run is complete in the transcript. */
export function hasEnding(entries: readonly Entry[], runId: string): boolean {
  return entries.some(
    (entry) => entry.runId === runId && entry.message.role === "assistant" && entry.message.stopReason !== "toolUse",
  );
}
