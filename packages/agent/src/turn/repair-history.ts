import type { AssistantMessage, ToolResultMessage, TranscriptMessage } from "@openclaw-gateway/protocol";

type ToolCall = { id: string; name: string };

/**
 * Makes a transcript acceptable to every provider: each tool call is followed by exactly one result, and nothing else
 * comes between; results without a call, empty answers and failed answers are left out; a person speaks first.
 */
export function repairHistory(history: readonly TranscriptMessage[]): TranscriptMessage[] {
  const repaired: TranscriptMessage[] = [];
  for (const [index, message] of history.entries()) {
    if (message.role === "user") repaired.push(message);
    // A summary stands for everything before it: there is only one place for it.
    if (message.role === "system" && repaired.length === 0) repaired.push(message);
    if (message.role !== "assistant" || !isWorthSending(message)) continue;
    if (repaired.length === 0) repaired.push(missingStart(message.timestamp));
    repaired.push(message);
    const results = resultsAfter(history, index);
    for (const call of toolCallsOf(message))
      repaired.push(results.get(call.id) ?? interruptedResult(call, message.timestamp));
  }
  return repaired;
}

export const toolCallsOf = (message: AssistantMessage): ToolCall[] => {
  const calls = new Map<string, ToolCall>();
  for (const part of message.content) {
    if (
      part.type === "toolCall" &&
      typeof part.id === "string" &&
      typeof part.name === "string" &&
      !calls.has(part.id)
    ) {
      calls.set(part.id, { id: part.id, name: part.name });
    }
  }
  return [...calls.values()];
};

function isWorthSending({ stopReason, content }: AssistantMessage): boolean {
  if (stopReason === "error") return false;
  return content.some((part) => part.type === "toolCall" || (part.type === "text" && String(part.text).trim() !== ""));
}

/** The results that belong to the calls of one answer: those before the next answer; the first of each call counts. */
function resultsAfter(history: readonly TranscriptMessage[], index: number): Map<string, ToolResultMessage> {
  const results = new Map<string, ToolResultMessage>();
  for (let next = index + 1; next < history.length; next++) {
    const message = history[next];
    if (!message || message.role === "assistant") break;
    if (message.role === "toolResult" && !results.has(message.toolCallId)) results.set(message.toolCallId, message);
  }
  return results;
}

const interruptedResult = (call: ToolCall, timestamp: number): ToolResultMessage => ({
  role: "toolResult",
  toolCallId: call.id,
  toolName: call.name,
  content: [{ type: "text", text: "The call was interrupted; there is no result." }],
  isError: true,
  timestamp,
});

const missingStart = (timestamp: number): TranscriptMessage => ({
  role: "user",
  content: [{ type: "text", text: "(Earlier messages are not shown.)" }],
  timestamp,
});
