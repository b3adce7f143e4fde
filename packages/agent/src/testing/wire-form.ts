import type { ScriptedAnswer } from "./scripted-answer.ts";

export type Answer = Extract<ScriptedAnswer, { kind: "answer" }>;
export type Json = Readonly<Record<string, unknown>>;

/** How one family of providers writes requests and streams. */
export type WireForm = {
  matches(path: string): boolean;
  /** Server-sent events, whole. The chunks of text are separate, so that a script can stop between them. */
  stream(
    answer: Answer,
    chunks: readonly string[],
    model: string,
  ): { opening: string[]; chunks: string[]; closing: string[] };
  errorBody(status: number, message: string): unknown;
  read(path: string, body: Json): { model: string; lastUserText: string; toolResults: string[]; toolNames: string[] };
};

export const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

export const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
export const records = (value: unknown): Json[] => (Array.isArray(value) ? value.map(record) : []);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The text of a message whose content is a string or a list of parts with `text`. */
export const contentText = (content: unknown): string =>
  typeof content === "string"
    ? content
    : records(content)
        .map((part) => text(part["text"]))
        .join("");

/** Index of the last entry that a person wrote, and that entry. */
export function lastWhere(
  messages: readonly Json[],
  isWanted: (message: Json) => boolean,
): { index: number; message: Json } {
  const index = messages.findLastIndex(isWanted);
  return { index, message: messages[index] ?? {} };
}
