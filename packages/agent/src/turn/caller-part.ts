import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import type { CallerCall, CallerTool } from "@openclaw-gateway/protocol";
import type { Turn } from "@openclaw-gateway/server";
import type { Model } from "../providers/model.ts";
import type { ToolRequest } from "./answer.ts";

type Options = LanguageModelV4CallOptions;
type JsonSchema = LanguageModelV4FunctionTool["inputSchema"];

const noArguments = { type: "object", properties: {} };

const toDefinition = ({ name, description, parameters, strict }: CallerTool): LanguageModelV4FunctionTool => ({
  type: "function",
  name,
  ...(description !== undefined && { description }),
  // What the caller wrote; the provider says what it does not understand of it.
  inputSchema: (parameters ?? noArguments) as JsonSchema,
  ...(strict !== undefined && { strict }),
});

/**
 * The tools of a model call: the agent's own and the caller's. Who must have a call of its tools is offered no others:
 * the agent's would do as well for the model.
 */
export function toolOptions(
  own: readonly LanguageModelV4FunctionTool[],
  callerTools: Turn["callerTools"],
): Pick<Options, "tools" | "toolChoice"> {
  const callers = callerTools?.tools.map(toDefinition) ?? [];
  const choice = callerTools?.choice ?? "auto";
  const tools = choice === "auto" ? [...own, ...callers] : callers;
  if (tools.length === 0) return {};
  if (choice === "auto") return { tools };
  const toolChoice =
    choice === "required" ? { type: "required" as const } : { type: "tool" as const, toolName: choice.name };
  return { tools, toolChoice };
}

/** What the caller of a turn asks of the model itself. */
export function samplingOptions(
  { sampling = {}, format }: Pick<Turn, "sampling" | "format">,
  model: Model,
): Partial<Options> {
  const { maxOutputTokens, temperature, topP, stop, seed, presencePenalty, frequencyPenalty } = sampling;
  const limits = [maxOutputTokens, model.maxTokens].filter((limit) => limit !== undefined);
  return {
    ...(limits.length > 0 && { maxOutputTokens: Math.min(...limits) }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stop && { stopSequences: [...stop] }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(format && {
      responseFormat: {
        type: "json",
        ...(format.schema && { schema: format.schema }),
        ...(format.name !== undefined && { name: format.name }),
        ...(format.description !== undefined && { description: format.description }),
      },
    }),
  };
}

/** What has no place in the common form of a call, under the names that the providers' libraries give it. */
export function providerOptions(
  { callerTools, format }: Pick<Turn, "callerTools" | "format">,
  { provider }: Model,
): NonNullable<Options["providerOptions"]> {
  const parallel = callerTools?.parallel;
  const strict = format && { strictJsonSchema: format.strict ?? false };
  const openai = { store: false, ...strict, ...(parallel !== undefined && { parallelToolCalls: parallel }) };
  const isCopy = provider?.api === "openai-completions" && provider.id !== "openai";
  const others = { ...strict, ...(parallel !== undefined && { parallel_tool_calls: parallel }) };
  return {
    openai,
    ...(parallel !== undefined && { anthropic: { disableParallelToolUse: !parallel } }),
    ...(isCopy && Object.keys(others).length > 0 && { [provider.id]: others }),
  };
}

/** Calls of an answer that the caller answers. One that cannot be read is the model's to make again. */
export function callersCalls(requests: readonly ToolRequest[], callerTools: Turn["callerTools"]): CallerCall[] {
  const names = new Set(callerTools?.tools.map(({ name }) => name));
  return requests
    .filter(({ name, problem }) => problem === undefined && names.has(name))
    .map(({ id: callId, name, args }) => ({ callId, name, arguments: args }));
}
