import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import type { StoredMessage } from "./conversation-store.ts";

/** The stored message with its place in the transcript, by which protocol-4 clients merge pages and events. */
export function toWireMessage({ id, seq, runId, message }: StoredMessage): TranscriptMessage {
  const kind = message.role === "system" && { kind: "compaction" };
  return { ...message, __openclaw: { ...kind, id, seq, ...(runId !== undefined && { runId }) } };
}
