import {
  type AssistantMessage,
  type ToolResultMessage,
  type TranscriptMessage,
  type UserMessage,
  zeroUsage,
} from "@openclaw-gateway/protocol";
import type { Entry } from "../entries.ts";

export const sessionKey = "agent:main:main";

export const user = (text: string): UserMessage => ({ role: "user", content: [{ type: "text", text }], timestamp: 1 });

export const assistant = (
  content: string | AssistantMessage["content"],
  more: Partial<AssistantMessage> = {},
): AssistantMessage => ({
  role: "assistant",
  content: typeof content === "string" ? [{ type: "text", text: content }] : content,
  api: "x",
  provider: "p",
  model: "m",
  usage: zeroUsage(),
  stopReason: "stop",
  timestamp: 2,
  ...more,
});

export const toolResult = (toolCallId: string, text: string, isError = false): ToolResultMessage => ({
  role: "toolResult",
  toolCallId,
  toolName: "read",
  content: [{ type: "text", text }],
  isError,
  timestamp: 3,
});

/** The message as the gateway sends it, with its place. */
export const placed = (message: TranscriptMessage, seq: number, runId?: string): TranscriptMessage => ({
  ...message,
  __openclaw: { id: `m${seq}`, seq, ...(runId !== undefined && { runId }) },
});

export const entry = (message: TranscriptMessage, seq: number, runId?: string): Entry => ({
  id: `m${seq}`,
  seq,
  runId,
  message,
});
