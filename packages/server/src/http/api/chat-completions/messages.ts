import {
  type CallerContent,
  type CallerContext,
  type CallerInput,
  GatewayError,
  type MediaSource,
} from "@openclaw-gateway/protocol";
import { z } from "zod";
import { type ApiError, invalid } from "../api-error.ts";

const TextPart = z.looseObject({ type: z.enum(["text", "input_text"]), text: z.string() });
const RefusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const ImagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.union([z.string().min(1), z.looseObject({ url: z.string().min(1) })]),
});
const FilePart = z.looseObject({
  type: z.literal("file"),
  file: z.looseObject({ file_data: z.string().optional(), filename: z.string().optional() }),
});
const OtherPart = z.looseObject({ type: z.string() });

const Texts = z.union([z.string(), z.array(z.union([TextPart, RefusalPart]))]);
const ToolCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal("function").default("function"),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
});

/** One message of `messages`; members that mean nothing here are left alone. */
export const ChatMessage = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: Texts }),
  z.looseObject({
    role: z.literal("user"),
    content: z.union([z.string(), z.array(z.union([TextPart, ImagePart, FilePart, OtherPart]))]),
  }),
  z.looseObject({
    role: z.literal("assistant"),
    content: Texts.nullish(),
    tool_calls: z.array(ToolCall).nullish(),
  }),
  z.looseObject({ role: z.literal("tool"), content: Texts, tool_call_id: z.string().min(1) }),
]);
export type ChatMessage = z.output<typeof ChatMessage>;

/** A conversation as a turn takes it. */
export type Spoken = {
  /** Of the system and developer messages, wherever they stand. */
  instructions: string | undefined;
  /** What was said before; for a session that does not know it. */
  context: CallerContext[];
  /** What is said now: everything after the last answer. */
  input: CallerInput[];
  /** A failure of the turn, told with the places of the request instead of those of `context` and `input`. */
  placed(error: unknown): unknown;
};

/** What `messages` say. Throws where nothing is said now. */
export function readMessages(messages: readonly ChatMessage[]): Spoken {
  const instructions = messages
    .flatMap((message) => (message.role === "system" || message.role === "developer" ? [textOf(message.content)] : []))
    .filter((text) => text !== "");
  const said = messages.flatMap((message, index) =>
    message.role === "system" || message.role === "developer" ? [] : [{ message, index }],
  );
  if (!said.some(({ message: { role } }) => role === "user" || role === "tool")) throw missingUserMessage();
  const answered = said.findLastIndex(({ message: { role } }) => role === "assistant");
  if (answered === said.length - 1) {
    throw invalid(
      "messages",
      "the last message must be of role user or tool: an answer that the caller has begun cannot be continued",
    );
  }
  const context = said
    .slice(0, answered + 1)
    .flatMap(({ message, index }) => toContext(message, index).map((item) => ({ item, index })));
  const input = said
    .slice(answered + 1)
    .flatMap(({ message, index }) => toInput(message, index).map((item) => ({ item, index })));
  const places = { context, input };
  return {
    instructions: instructions.length > 0 ? instructions.join("\n\n") : undefined,
    context: context.map(({ item }) => item),
    input: input.map(({ item }) => item),
    placed: (error) => {
      const [, list, at, rest = ""] = /^(context|input)\[(\d+)\](.*)$/s.exec(messageOf(error)) ?? [];
      const place = list === "context" || list === "input" ? places[list][Number(at)] : undefined;
      if (!place) return error;
      const param = `messages[${place.index}]${/^[\w.[\]]*/.exec(rest)?.[0] ?? ""}`;
      return invalid(param, `messages[${place.index}]${rest}`);
    },
  };
}

const messageOf = (error: unknown): string =>
  error instanceof GatewayError && error.code === "INVALID_REQUEST" ? error.message : "";

export const missingUserMessage = (): ApiError => invalid("messages", "Missing user message in `messages`.");

function toInput(message: ChatMessage, index: number): CallerInput[] {
  switch (message.role) {
    case "user":
      return [{ type: "message", content: contentOf(message.content, index) }];
    case "tool":
      return [{ type: "result", callId: message.tool_call_id, output: textOf(message.content) }];
    default:
      return [];
  }
}

function toContext(message: ChatMessage, index: number): CallerContext[] {
  if (message.role !== "assistant") return toInput(message, index);
  const text = textOf(message.content ?? "");
  const calls = (message.tool_calls ?? []).map((call, at) => ({
    type: "call" as const,
    callId: call.id,
    name: call.function.name,
    arguments: argumentsOf(call.function.arguments, `messages[${index}].tool_calls[${at}].function.arguments`),
  }));
  return [...(text === "" ? [] : [{ type: "answer" as const, text }]), ...calls];
}

function argumentsOf(json: string, param: string): Record<string, unknown> {
  const Arguments = z.record(z.string(), z.unknown());
  try {
    return Arguments.parse(json.trim() === "" ? {} : JSON.parse(json));
  } catch {
    throw invalid(param, `${param}: must be a JSON object, written out`);
  }
}

const textOf = (content: z.output<typeof Texts>): string =>
  typeof content === "string"
    ? content
    : content.map((part) => (part.type === "refusal" ? String(part.refusal) : String(part.text))).join("\n");

type UserContent = Extract<ChatMessage, { role: "user" }>["content"];

function contentOf(content: UserContent, index: number): CallerContent[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((part, at): CallerContent => {
    const param = `messages[${index}].content[${at}]`;
    const text = TextPart.safeParse(part);
    if (text.success) return { type: "text", text: text.data.text };
    const image = ImagePart.safeParse(part);
    if (image.success) {
      const { image_url: given } = image.data;
      return { type: "image", source: sourceOf(typeof given === "string" ? given : given.url) };
    }
    const file = FilePart.safeParse(part);
    if (file.success) {
      const { file_data: data, filename } = file.data.file;
      if (data === undefined)
        throw invalid(
          `${param}.file.file_data`,
          `${param}: this gateway keeps no files; send the file itself as file_data`,
        );
      return { type: "file", source: dataOf(data), ...(filename !== undefined && { fileName: filename }) };
    }
    throw invalid(
      param,
      ["text", "image_url", "file"].includes(part.type)
        ? `${param}: not a valid part of type ${part.type}`
        : `${param}: parts of type ${JSON.stringify(part.type)} are not supported; text, image_url and file are`,
    );
  });
}

const sourceOf = (url: string): MediaSource => (url.startsWith("data:") ? dataOf(url) : { kind: "url", url });

/** Base64, with or without the head of a data URL. */
function dataOf(given: string): MediaSource {
  const head = /^data:([^;,]*)(?:;[^,]*)?,/.exec(given);
  if (!head) return { kind: "base64", data: given };
  const mimeType = head[1];
  return { kind: "base64", data: given.slice(head[0].length), ...(mimeType && { mimeType }) };
}
