import {
  canonicalSessionKey,
  GatewayError,
  type Params,
  type Result,
  type SessionKeyDefaults,
  type TranscriptMessage,
} from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { toWireMessage } from "../../conversations/wire-message.ts";

const defaultMaxChars = 500_000;
const defaultRangeBytes = 65_536;

/** What pages leave out: one message whole, and outputs in ranges. */
export function createOutputs(deps: { conversations: Conversations; keys: () => SessionKeyDefaults }) {
  const { conversations, keys } = deps;
  /** The transcript that is meant: the present one, or one that a reset has replaced. */
  async function transcriptOf(sessionKey: string, sessionId: string | undefined): Promise<string | undefined> {
    const key = canonicalSessionKey(sessionKey, keys());
    if (sessionId !== undefined && (await conversations.isPast(key, sessionId))) return sessionId;
    return (await conversations.session(key))?.sessionId;
  }

  return {
    message: async ({
      sessionKey,
      messageId,
      sessionId,
      maxChars = defaultMaxChars,
    }: Params<"chat.message.get">): Promise<Result<"chat.message.get">> => {
      const transcript = await transcriptOf(sessionKey, sessionId);
      const stored = transcript && (await conversations.message(transcript, messageId));
      if (!stored) return { ok: false, unavailableReason: "not_found" };
      // Known before anything is read: the references say how much it is.
      if (bytesApart(stored.message) > maxChars * 4) return { ok: false, unavailableReason: "oversized" };
      const [whole = stored] = await conversations.whole(transcript, [stored]);
      const message = toWireMessage(whole);
      if (JSON.stringify(message).length > maxChars) return { ok: false, unavailableReason: "oversized" };
      return { ok: true, message };
    },

    range: async ({
      sessionKey,
      id,
      sessionId,
      offset = 0,
      limit = defaultRangeBytes,
    }: Params<"chat.output.get">): Promise<Result<"chat.output.get">> => {
      const transcript = await transcriptOf(sessionKey, sessionId);
      const output = transcript && (await conversations.output(transcript, id, { offset, limit }));
      if (!output)
        throw new GatewayError("INVALID_REQUEST", `id: this session keeps no such output: ${id}`, {
          details: { reason: "unknown-output", id },
        });
      const { kind, bytes, data } = output;
      if (offset > bytes)
        throw new GatewayError("INVALID_REQUEST", `offset: must be at most ${bytes}, the bytes of the output`);
      const [from, to] = wholeCharacters(data, offset + data.length < bytes);
      const nextOffset = offset + to;
      return {
        id,
        kind,
        bytes,
        offset: offset + from,
        text: Buffer.from(data.subarray(from, to)).toString("utf8"),
        ...(nextOffset < bytes && { nextOffset }),
      };
    },
  };
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The part of a range that parts no character; what follows it goes on with the rest. */
function wholeCharacters(data: Uint8Array, isMoreBehind: boolean): readonly [number, number] {
  let from = 0;
  while (from < 4 && isContinuation(data[from])) from++;
  if (!isMoreBehind) return [from, data.length];
  let lead = data.length - 1;
  while (lead > from && isContinuation(data[lead])) lead--;
  const byte = data[lead] ?? 0;
  const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  return [from, lead + length <= data.length ? data.length : lead];
}

function bytesApart(message: TranscriptMessage): number {
  if (message.role !== "toolResult") return 0;
  return message.content.reduce((sum, { reference }) => sum + (reference?.bytes ?? 0), 0);
}
