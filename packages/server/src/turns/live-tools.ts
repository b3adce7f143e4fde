import type { NewMessage } from "../conversations/conversation-store.ts";

export type LiveTool = {
  toolCallId: string;
  name: string;
  args: unknown;
  status: "running" | "done" | "failed";
  result?: unknown;
};

/** The tool calls of a turn whose results the transcript does not have yet, for whoever comes in the middle. */
export function createLiveTools() {
  const tools = new Map<string, LiveTool>();
  return {
    step: (data: Record<string, unknown>): void => {
      const { phase, toolCallId, name, args, partialResult, result, isError } = data;
      if (typeof toolCallId !== "string" || typeof name !== "string") return;
      const before = tools.get(toolCallId) ?? { toolCallId, name, args, status: "running" as const };
      if (phase === "update") tools.set(toolCallId, { ...before, result: partialResult });
      else if (phase === "result")
        tools.set(toolCallId, { ...before, status: isError === true ? "failed" : "done", result });
      else tools.set(toolCallId, before);
    },
    /** The transcript tells these from now on. */
    stored: (messages: readonly NewMessage[]): void => {
      for (const { message } of messages) if (message.role === "toolResult") tools.delete(message.toolCallId);
    },
    all: (): LiveTool[] => [...tools.values()],
  };
}
