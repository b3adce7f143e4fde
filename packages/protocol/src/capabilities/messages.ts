import { z } from "zod";

/** What is kept apart because of its size; `chat.output.get` gives it in ranges. */
export const OutputReference = z.looseObject({
  /** SHA-256 of the UTF-8 text, in hexadecimal. */
  id: z.string(),
  kind: z.enum(["text", "json", "image"]),
  bytes: z.int(),
});
export type OutputReference = z.output<typeof OutputReference>;

/** With `reference` the text is only the beginning. */
export const TextPart = z.looseObject({
  type: z.literal("text"),
  text: z.string(),
  reference: OutputReference.optional(),
});
export const ThinkingPart = z.looseObject({ type: z.literal("thinking"), thinking: z.string() });
export const ToolCallPart = z.looseObject({
  type: z.literal("toolCall"),
  id: z.string(),
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});
/** `data` is base64. */
export const ImagePart = z.looseObject({
  type: z.literal("image"),
  data: z.string(),
  mimeType: z.string(),
  reference: OutputReference.optional(),
});

/** Tokens of one model call; cost in USD. */
export const Usage = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
  totalTokens: z.number(),
  cost: z.object({
    input: z.number(),
    output: z.number(),
    cacheRead: z.number(),
    cacheWrite: z.number(),
    total: z.number(),
  }),
});
export type Usage = z.output<typeof Usage>;

export const stopReasons = ["stop", "toolUse", "error", "aborted", "length", "interrupted"] as const;
export type StopReason = (typeof stopReasons)[number];

export const UserMessage = z.looseObject({
  role: z.literal("user"),
  content: z.array(z.union([TextPart, ImagePart])),
  /** Milliseconds since the epoch. */
  timestamp: z.int(),
});
export const AssistantMessage = z.looseObject({
  role: z.literal("assistant"),
  content: z.array(z.union([TextPart, ThinkingPart, ToolCallPart])),
  api: z.string(),
  provider: z.string(),
  model: z.string(),
  usage: Usage,
  stopReason: z.enum(stopReasons),
  timestamp: z.int(),
  errorMessage: z.string().optional(),
});
export const ToolResultMessage = z.looseObject({
  role: z.literal("toolResult"),
  toolCallId: z.string(),
  toolName: z.string(),
  content: z.array(z.union([TextPart, ImagePart])),
  details: z.unknown().optional(),
  isError: z.boolean(),
  timestamp: z.int(),
});

/**
 * Where compaction has left off: the model is sent `summary` in place of what came before the messages that it keeps;
 * the older messages stay in the transcript. Tokens are those of the context, the later one is estimated.
 */
export const CompactionMessage = z.looseObject({
  role: z.literal("system"),
  content: z.array(TextPart),
  timestamp: z.int(),
  summary: z.string(),
  tokensBefore: z.int(),
  tokensAfter: z.int(),
});

/** One entry of a transcript, as `chat.history` returns it and as it is stored. */
export const TranscriptMessage = z.discriminatedUnion("role", [
  UserMessage,
  AssistantMessage,
  ToolResultMessage,
  CompactionMessage,
]);
export type UserMessage = z.output<typeof UserMessage>;
export type AssistantMessage = z.output<typeof AssistantMessage>;
export type ToolResultMessage = z.output<typeof ToolResultMessage>;
export type CompactionMessage = z.output<typeof CompactionMessage>;
export type TranscriptMessage = z.output<typeof TranscriptMessage>;

export const zeroUsage = (): Usage => ({
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
});

/** The text a person reads: every text part of a message, in order. */
export function visibleText(message: { content: readonly { type: string; text?: unknown }[] }): string {
  return message.content
    .filter((part) => part.type === "text" && typeof part.text === "string")
    .map((part) => part.text as string)
    .join("\n\n");
}
