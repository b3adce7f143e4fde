import type { CallerTool, CallerToolChoice, JsonFormat, Sampling } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { ApiError, invalid } from "../api-error.ts";
import { InputItem } from "./input-items.ts";
import { readTools, Tool, ToolChoice } from "./tools.ts";

const Format = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    name: z.string().min(1).max(64).optional(),
    description: z.string().nullish(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().nullish(),
  }),
]);

/** Members of `reasoning.effort`, and how the gateway calls them. */
const efforts = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;

/** Recorded: unknown members are refused. Those that change nothing here are named all the same. */
const ResponsesRequest = z.strictObject({
  model: z.string(),
  input: z.union([z.string(), z.array(InputItem)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().min(1).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  text: z.looseObject({ format: Format.nullish() }).nullish(),
  reasoning: z.looseObject({ effort: z.enum(efforts).nullish() }).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  truncation: z.enum(["auto", "disabled"]).nullish(),
  background: z.boolean().nullish(),
  include: z.array(z.string()).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  service_tier: z.string().nullish(),
  stream_options: z.looseObject({}).nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  top_logprobs: z.unknown().optional(),
});
type ResponsesRequest = z.output<typeof ResponsesRequest>;

/** Members of the official interface that would make another answer than the one that comes. */
const unsupported: readonly { param: string; asks: z.ZodType; instead: string }[] = [
  { param: "background", asks: z.literal(true), instead: "leave it out and read the answer as a stream" },
  {
    param: "conversation",
    asks: z.union([z.string(), z.looseObject({})]),
    instead: "use previous_response_id or user",
  },
  { param: "prompt", asks: z.looseObject({}), instead: "send the text itself as instructions or input" },
  { param: "top_logprobs", asks: z.number().gt(0), instead: "a turn knows no probabilities" },
];
/** Asks for something that clients do without when it does not come. */
const harmlessInclude = "reasoning.encrypted_content";

export type ResponseRequest = {
  model: string;
  input: string | readonly InputItem[];
  instructions: string | undefined;
  previousId: string | undefined;
  user: string | undefined;
  isStream: boolean;
  isKept: boolean;
  sampling: Sampling | undefined;
  format: JsonFormat | undefined;
  thinking: string | undefined;
  tools: CallerTool[] | undefined;
  toolChoice: CallerToolChoice | undefined;
  parallelToolCalls: boolean | undefined;
  /** What of the request is shown again with its response. */
  echo: Readonly<Record<string, unknown>>;
};

/** What a body asks for. Throws for what cannot be done as asked. */
export function readResponsesRequest(body: unknown): ResponseRequest {
  refuseUnsupported(body);
  const parsed = ResponsesRequest.safeParse(body);
  if (!parsed.success) throw refusalOf(parsed.error.issues);
  const request = parsed.data;
  const include = request.include?.find((each) => each !== harmlessInclude);
  if (include !== undefined) throw invalid("include", `include: ${JSON.stringify(include)} is not supported`);
  const { tools, toolChoice } = readTools(request.tools ?? undefined, request.tool_choice ?? undefined);
  const effort = request.reasoning?.effort;
  return {
    model: request.model,
    input: request.input,
    instructions: request.instructions || undefined,
    previousId: request.previous_response_id ?? undefined,
    user: request.user?.trim() || undefined,
    isStream: request.stream ?? false,
    isKept: request.store ?? true,
    sampling: samplingOf(request),
    format: formatOf(request.text?.format),
    thinking: effort === "none" ? "off" : (effort ?? undefined),
    tools,
    toolChoice,
    parallelToolCalls: request.parallel_tool_calls ?? undefined,
    echo: echoOf(request),
  };
}

function refuseUnsupported(body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  const members = new Map(Object.entries(body));
  for (const { param, asks, instead } of unsupported) {
    if (asks.safeParse(members.get(param)).success) throw invalid(param, `${param} is not supported: ${instead}`);
  }
}

/** Recorded: the first thing that is wrong, with its place before the words. What stands deeper is told beside it. */
function refusalOf([issue]: readonly z.core.$ZodIssue[]): ApiError {
  const place = placeOf(issue?.path ?? []);
  const inner = issue && innermost(issue);
  const param = inner && placeOf(inner.path);
  return new ApiError(400, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "Invalid input"}`, {
    ...((param || place) && { param: param || place }),
    ...(inner && inner !== issue && { hint: `${param}: ${inner.message}` }),
  });
}

/** Of a union the branch that came furthest says most about what was meant. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const depthOf = (branch: readonly z.core.$ZodIssue[]) => Math.max(0, ...branch.map(({ path }) => path.length));
  const [closest] = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a));
  const first = closest?.[0];
  if (!first || first.path.length === 0) return issue;
  return innermost({ ...first, path: [...issue.path, ...first.path] });
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (place, key) =>
      typeof key === "number" ? `${place}[${key}]` : place === "" ? String(key) : `${place}.${String(key)}`,
    "",
  );

function samplingOf({ max_output_tokens, temperature, top_p }: ResponsesRequest): Sampling | undefined {
  const sampling: Sampling = {
    ...(typeof max_output_tokens === "number" && { maxOutputTokens: max_output_tokens }),
    ...(typeof temperature === "number" && { temperature }),
    ...(typeof top_p === "number" && { topP: top_p }),
  };
  return Object.keys(sampling).length > 0 ? sampling : undefined;
}

function formatOf(format: z.output<typeof Format> | null | undefined): JsonFormat | undefined {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return {};
  const { name, description, schema, strict } = format;
  return {
    schema,
    ...(name !== undefined && { name }),
    ...(typeof description === "string" && { description }),
    ...(typeof strict === "boolean" && { strict }),
  };
}

const echoOf = (request: ResponsesRequest) => ({
  instructions: request.instructions ?? null,
  max_output_tokens: request.max_output_tokens ?? null,
  metadata: request.metadata ?? {},
  parallel_tool_calls: request.parallel_tool_calls ?? true,
  previous_response_id: request.previous_response_id ?? null,
  reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
  store: request.store ?? true,
  temperature: request.temperature ?? null,
  text: request.text ?? { format: { type: "text" } },
  tool_choice: request.tool_choice ?? "auto",
  tools: request.tools ?? [],
  top_p: request.top_p ?? null,
  truncation: request.truncation ?? "disabled",
  ...(typeof request.user === "string" && { user: request.user }),
});
