import type { CallerTool, CallerToolChoice, JsonFormat, Sampling } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { invalid } from "../api-error.ts";
import { parseBody } from "../parse-body.ts";
import { ChatMessage, missingUserMessage } from "./messages.ts";

const Tool = z.looseObject({
  type: z.literal("function", 'only tools of type "function" can be given'),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
});
const ToolChoice = z.union(
  [
    z.enum(["auto", "none", "required"]),
    z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string().min(1) }) }),
  ],
  { error: 'must be "auto", "none", "required" or {"type":"function","function":{"name":…}}' },
);
const ResponseFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: z.string().min(1).max(64).optional(),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()).optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** What is read of a body; anything else changes nothing of the answer and is left alone. */
const ChatRequest = z.looseObject({
  model: z.string().nullish(),
  messages: z.array(ChatMessage),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  user: z.string().nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
  response_format: ResponseFormat.nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
});

/** Members that would make another answer than the one that comes, and when they would. */
const unsupported: readonly { param: string; asks: z.ZodType; instead: string }[] = [
  { param: "n", asks: z.number().gt(1), instead: "one turn has one answer; send the request again for another" },
  { param: "logprobs", asks: z.literal(true), instead: "a turn knows no probabilities" },
  { param: "logit_bias", asks: z.record(z.string(), z.unknown()).refine(hasMembers), instead: "leave it out" },
  { param: "audio", asks: z.looseObject({}), instead: "answers are text" },
  { param: "modalities", asks: z.array(z.string()).refine(isMoreThanText), instead: "answers are text" },
  { param: "functions", asks: z.array(z.unknown()).min(1), instead: "use tools" },
];

export type ChatTurn = {
  model: string;
  messages: readonly ChatMessage[];
  user: string | undefined;
  isStream: boolean;
  includesUsage: boolean;
  sampling: Sampling | undefined;
  format: JsonFormat | undefined;
  thinking: string | undefined;
  tools: CallerTool[] | undefined;
  toolChoice: CallerToolChoice | undefined;
  parallelToolCalls: boolean | undefined;
};

/** What a body asks for. Throws for what cannot be done as asked. */
export function readChatRequest(body: unknown): ChatTurn {
  // Recorded: whatever is no list of messages has no user message.
  if (!isRecord(body) || !Array.isArray(body["messages"])) throw missingUserMessage();
  for (const { param, asks, instead } of unsupported) {
    if (asks.safeParse(body[param]).success) throw invalid(param, `${param} is not supported: ${instead}`);
  }
  const request = parseBody(ChatRequest, body);
  const { response_format: format, reasoning_effort: effort } = request;
  return {
    model: request.model || "openclaw",
    messages: request.messages,
    user: request.user?.trim() || undefined,
    isStream: request.stream ?? false,
    includesUsage: request.stream_options?.include_usage ?? false,
    sampling: samplingOf(request),
    format: format ? formatOf(format) : undefined,
    thinking: effort === "none" ? "off" : (effort ?? undefined),
    tools: request.tools?.map(toTool),
    toolChoice:
      typeof request.tool_choice === "object" && request.tool_choice !== null
        ? { name: request.tool_choice.function.name }
        : (request.tool_choice ?? undefined),
    parallelToolCalls: request.parallel_tool_calls ?? undefined,
  };
}

function samplingOf(request: z.output<typeof ChatRequest>): Sampling | undefined {
  const { stop } = request;
  const sampling = Object.entries({
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
    temperature: request.temperature,
    topP: request.top_p,
    frequencyPenalty: request.frequency_penalty,
    presencePenalty: request.presence_penalty,
    seed: request.seed,
    stop: typeof stop === "string" ? [stop] : stop,
  }).filter(([, value]) => value !== undefined && value !== null);
  return sampling.length > 0 ? Object.fromEntries(sampling) : undefined;
}

function formatOf(format: z.output<typeof ResponseFormat>): JsonFormat | undefined {
  switch (format.type) {
    case "text":
      return undefined;
    case "json_object":
      return {};
    case "json_schema": {
      const { name, description, schema, strict } = format.json_schema;
      return {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(schema && { schema }),
        ...(typeof strict === "boolean" && { strict }),
      };
    }
    default:
      return format satisfies never;
  }
}

const toTool = ({ function: { name, description, parameters, strict } }: z.output<typeof Tool>): CallerTool => ({
  name,
  ...(typeof description === "string" && { description }),
  ...(parameters && { parameters }),
  ...(typeof strict === "boolean" && { strict }),
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
function hasMembers(value: object): boolean {
  return Object.keys(value).length > 0;
}
function isMoreThanText(value: readonly string[]): boolean {
  return value.some((each) => each !== "text");
}
