import {
  type AssistantMessage,
  type CompactionMessage,
  type TranscriptMessage,
  zeroUsage,
} from "@openclaw-gateway/protocol";
import fc from "fast-check";

export const assistant = (
  content: AssistantMessage["content"],
  stopReason: AssistantMessage["stopReason"] = "stop",
): AssistantMessage => ({
  role: "assistant",
  content,
  api: "openai-completions",
  provider: "p",
  model: "m",
  usage: zeroUsage(),
  stopReason,
  timestamp: 2,
});
export const says = (text: string): AssistantMessage => assistant([{ type: "text", text }]);
export const calls = (...ids: string[]): AssistantMessage =>
  assistant(
    ids.map((id) => ({ type: "toolCall", id, name: "read", arguments: {} })),
    "toolUse",
  );
export const user = (text: string): TranscriptMessage => ({
  role: "user",
  content: [{ type: "text", text }],
  timestamp: 1,
});
export const result = (toolCallId: string, text = "found"): TranscriptMessage => ({
  role: "toolResult",
  toolCallId,
  toolName: "read",
  content: [{ type: "text", text }],
  isError: false,
  timestamp: 3,
});
export const summed = (summary: string, timestamp = 4): CompactionMessage => ({
  role: "system",
  content: [{ type: "text", text: "Compaction" }],
  timestamp,
  summary,
  tokensBefore: 100,
  tokensAfter: 10,
});

const id = fc.constantFrom("1", "2", "3", "", "a b");
const reason = fc.constantFrom<AssistantMessage["stopReason"]>("error", "aborted", "interrupted", "length");

export const arbitraryMessage: fc.Arbitrary<TranscriptMessage> = fc.oneof(
  fc.string({ maxLength: 200 }).map(user),
  fc.string({ maxLength: 200 }).map(says),
  fc.array(id, { maxLength: 3 }).map((ids) => calls(...ids)),
  id.map((each) => result(each)),
  reason.map((stopReason) => assistant([{ type: "text", text: "half" }], stopReason)),
  fc.tuple(id, reason).map(([each, stopReason]) => ({ ...calls(each), stopReason })),
);

/** Messages in any order, as crashes, aborts and steering may leave them; a summary can only come first. */
export const arbitraryTranscript: fc.Arbitrary<TranscriptMessage[]> = fc
  .tuple(fc.boolean(), fc.array(arbitraryMessage, { maxLength: 30 }))
  .map(([isSummed, messages]) => (isSummed ? [summed("earlier"), ...messages] : messages));
