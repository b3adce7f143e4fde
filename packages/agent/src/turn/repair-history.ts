import type { AssistantMessage, ToolResultMessage, TranscriptMessage } from "@openclaw-gateway/protocol";

type ToolCall = { id: string; name: string };

/**
 * Makes a transcript acceptable to every provider: each tool call is followed by exactly one result, and nothing else
 * comes between, and its id is its own; results without a call, empty answers and failed answers are left out; a person
 * speaks first.
 */
export function repairHistory(history: readonly TranscriptMessage[]): TranscriptMessage[] {
  const repaired: TranscriptMessage[] = [];
  const taken = new Set<string>();
  for (const [index, message] of history.entries()) {
    if (message.role === "user") repaired.push(message);
    // A summary stands for everything before it: there is only one place for it.
    if (message.role === "system" && repaired.length === 0) repaired.push(message);
    if (message.role !== "assistant" || !isWorthSending(message)) continue;
    if (repaired.length === 0) repaired.push(missingStart(message.timestamp));
    const ids = ownIds(message, taken);
    repaired.push(ids.size > 0 ? withIds(message, ids) : message);
    const results = resultsAfter(history, index);
    for (const call of toolCallsOf(message)) {
      const toolCallId = ids.get(call.id) ?? call.id;
      const result = results.get(call.id) ?? interruptedResult(call, message.timestamp);
      repaired.push(toolCallId === call.id ? result : { ...result, toolCallId });
    }
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

/** New ids for calls whose id an earlier answer has. */
function ownIds(message: AssistantMessage, taken: Set<string>): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const { id } of toolCallsOf(message)) {
    let own = id;
    for (let n = 2; taken.has(own); n++) own = `${id}_${n}`;
    taken.add(own);
    if (own !== id) renamed.set(id, own);
  }
  return renamed;
}

const withIds = (message: AssistantMessage, ids: ReadonlyMap<string, string>): AssistantMessage => ({
  ...message,
  content: message.content.map((part) =>
    part.type === "toolCall" ? { ...part, id: ids.get(part.id) ?? part.id } : part,
  ),
});

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
