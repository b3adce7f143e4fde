import {
  type CallerContent,
  type CallerContext,
  type CallerInput,
  GatewayError,
  type MediaSource,
} from "@openclaw-gateway/protocol";
import { z } from "zod";
import { ApiError, invalid } from "../api-error.ts";

/** An image or a file: in it, at an address, or, as recorded, in a `source`. */
const Source = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("base64"),
    media_type: z.string().optional(),
    data: z.string(),
    filename: z.string().optional(),
  }),
  z.looseObject({ type: z.literal("url"), url: z.string().min(1) }),
]);
const TextPart = z.looseObject({ type: z.enum(["input_text", "output_text", "text"]), text: z.string() });
const RefusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const ImagePart = z.looseObject({
  type: z.literal("input_image"),
  image_url: z.string().min(1).nullish(),
  file_id: z.string().nullish(),
  source: Source.optional(),
});
const FilePart = z.looseObject({
  type: z.literal("input_file"),
  file_data: z.string().nullish(),
  file_url: z.string().min(1).nullish(),
  file_id: z.string().nullish(),
  filename: z.string().nullish(),
  source: Source.optional(),
});
const Part = z.union([TextPart, RefusalPart, ImagePart, FilePart]);
type Part = z.output<typeof Part>;
const Content = z.union([z.string(), z.array(Part)]);

/** Recorded: an item of another type makes the whole input invalid. */
export const InputItem = z.union([
  z.looseObject({
    type: z.literal("message").default("message"),
    role: z.enum(["user", "assistant", "system", "developer"]),
    content: Content,
  }),
  z.looseObject({
    type: z.literal("function_call"),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
  }),
  z.looseObject({ type: z.literal("function_call_output"), call_id: z.string().min(1), output: Content }),
  z.looseObject({ type: z.literal("reasoning") }),
  z.looseObject({ type: z.literal("item_reference") }),
]);
export type InputItem = z.output<typeof InputItem>;

/** A conversation as a turn takes it. */
export type Spoken = {
  /** Of the system and developer messages, wherever they stand. */
  instructions: string[];
  /** What was said before; for a session that does not know it. */
  context: CallerContext[];
  /** What is said now: everything after the last answer. */
  input: CallerInput[];
  /** A refusal of the turn, with the places of the request instead of those of `context` and `input`. */
  explain(error: unknown): unknown;
};

/** What `input` says. Throws where nothing is said now. */
export function readInput(given: string | readonly InputItem[]): Spoken {
  const items =
    typeof given === "string" ? [{ type: "message" as const, role: "user" as const, content: given }] : given;
  const instructions: string[] = [];
  const said: { entry: CallerContext; index: number }[] = [];
  for (const [index, item] of items.entries()) {
    if (item.type === "message" && (item.role === "system" || item.role === "developer"))
      instructions.push(textOf(partsOf(item.content), `input[${index}].content`));
    else for (const entry of toContext(item, index)) said.push({ entry, index });
  }
  const isNew = ({ entry: { type } }: (typeof said)[number]): boolean => type === "message" || type === "result";
  if (!said.some(isNew)) throw new ApiError(400, "Missing user message in `input`.", { param: "input" });
  const answered = said.findLastIndex((each) => !isNew(each));
  if (answered === said.length - 1)
    throw invalid(
      "input",
      "input: after the last answer comes a message of the user, or the output of a function call",
    );
  const places = { context: said.slice(0, answered + 1), input: said.slice(answered + 1) };
  return {
    instructions: instructions.filter((text) => text !== ""),
    context: places.context.map(({ entry }) => entry),
    input: places.input.flatMap(({ entry }) => (entry.type === "message" || entry.type === "result" ? [entry] : [])),
    explain: (error) => explained(error, (list, at) => places[list][at]?.index),
  };
}

function toContext(item: InputItem, index: number): CallerContext[] {
  const at = `input[${index}]`;
  switch (item.type) {
    case "message": {
      const parts = partsOf(item.content);
      if (item.role !== "assistant")
        return [{ type: "message", content: parts.map((part, n) => toContent(part, `${at}.content[${n}]`)) }];
      const text = textOf(parts, `${at}.content`);
      return text === "" ? [] : [{ type: "answer", text }];
    }
    case "function_call":
      return [
        {
          type: "call",
          callId: item.call_id,
          name: item.name,
          arguments: argumentsOf(item.arguments, `${at}.arguments`),
        },
      ];
    case "function_call_output": {
      const { call_id: callId, output } = item;
      const content = (parts: readonly Part[]) => parts.map((part, n) => toContent(part, `${at}.output[${n}]`));
      return [{ type: "result", callId, output: typeof output === "string" ? output : content(output) }];
    }
    case "reasoning":
      // What a model thought is of use to that model only, and the gateway keeps it itself.
      return [];
    case "item_reference":
      throw invalid(
        `${at}.type`,
        `${at}: item_reference is not supported; use previous_response_id, or send the item itself`,
      );
    default:
      return item satisfies never;
  }
}

const partsOf = (content: z.output<typeof Content>): readonly Part[] =>
  typeof content === "string" ? [{ type: "input_text", text: content }] : content;

function textOf(parts: readonly Part[], at: string): string {
  const texts = parts.map((part, index) => {
    if (part.type === "refusal") return part.refusal;
    if (part.type !== "input_image" && part.type !== "input_file") return part.text;
    throw invalid(`${at}[${index}]`, `${at}[${index}]: only text is taken here, not ${part.type}`);
  });
  return texts.join("\n");
}

function toContent(part: Part, at: string): CallerContent {
  switch (part.type) {
    case "input_image": {
      const { image_url, source } = part;
      if (source) return { type: "image", source: ofSource(source) };
      if (image_url) return { type: "image", source: { kind: "url", url: image_url } };
      throw noFiles(at, "image_url");
    }
    case "input_file": {
      const { file_data, file_url, filename, source } = part;
      const name = filename ?? (source?.type === "base64" ? source.filename : undefined);
      const named = typeof name === "string" && { fileName: name.slice(-255) };
      if (source) return { type: "file", source: ofSource(source), ...named };
      if (file_data) return { type: "file", source: { kind: "base64", data: file_data }, ...named };
      if (file_url) return { type: "file", source: { kind: "url", url: file_url }, ...named };
      throw noFiles(at, "file_data or file_url");
    }
    default:
      return { type: "text", text: textOf([part], at) };
  }
}

const ofSource = (source: z.output<typeof Source>): MediaSource =>
  source.type === "url"
    ? { kind: "url", url: source.url }
    : { kind: "base64", data: source.data, ...(source.media_type !== undefined && { mimeType: source.media_type }) };

const noFiles = (at: string, instead: string): ApiError =>
  invalid(at, `${at}: this gateway keeps no files to name by file_id; send ${instead}`);

function argumentsOf(json: string, at: string): Record<string, unknown> {
  const Arguments = z.record(z.string(), z.unknown());
  try {
    return Arguments.parse(json.trim() === "" ? {} : JSON.parse(json));
  } catch {
    throw invalid(at, `${at}: must be a JSON object, written out`);
  }
}

function explained(error: unknown, indexOf: (list: "context" | "input", at: number) => number | undefined): unknown {
  if (!(error instanceof GatewayError) || error.code !== "INVALID_REQUEST") return error;
  const [, path, why] = /^invalid turns\.run params: at \/(\S+): (.*)$/s.exec(error.message) ?? [];
  if (path !== undefined) {
    const param = path.replaceAll(/\/(\d+)/g, "[$1]").replaceAll("/", ".");
    return new ApiError(400, `${param}: ${why}`, { param, cause: error });
  }
  const [, list, at, rest = ""] = /^(context|input)\[(\d+)\](.*)$/s.exec(error.message) ?? [];
  const index = list === "context" || list === "input" ? indexOf(list, Number(at)) : undefined;
  if (index === undefined) return error;
  const param = `input[${index}]${/^[\w.[\]]*/.exec(rest)?.[0] ?? ""}`;
  // Recorded without its place.
  const kind = /Unsupported file MIME type: .*/s.exec(rest)?.[0];
  return new ApiError(400, kind === undefined ? `input[${index}]${rest}` : `Error: ${kind}`, { param, cause: error });
}
