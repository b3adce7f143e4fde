import { type ChatFold, foldChat } from "@openclaw-gateway/browser-client";
import type { AgentEvent, ChatEvent, OutputReference } from "@openclaw-gateway/protocol";

/** What a tool call is doing; `output` is what it has answered so far. */
export type ToolActivity = {
  toolCallId: string;
  name: string;
  args?: unknown;
  output?: string;
  /** What the output is only the beginning of. */
  references?: readonly OutputReference[];
  status: "running" | "done" | "failed";
};

/** A run as its events tell it, beside what the transcript already holds. */
export type LiveRun = {
  runId: string;
  /** The whole text of the run, also what is in the transcript already. */
  fold: ChatFold;
  /** Of the model call under way. */
  reasoning: string;
  tools: readonly ToolActivity[];
  /** The link was lost since the last event: it may have ended. */
  isStale: boolean;
};

export const startRun = (runId: string, sessionKey: string): LiveRun => ({
  runId,
  fold: { runId, sessionKey, state: "pending", text: "" },
  reasoning: "",
  tools: [],
  isStale: false,
});

export function foldIntoRun(run: LiveRun, event: ChatEvent): LiveRun {
  return { ...run, isStale: false, fold: foldChat(run.fold, event) };
}

/** Adds one step; steps that do not concern what is shown leave the run as it is. */
export function stepRun(run: LiveRun, { stream, data }: Pick<AgentEvent, "stream" | "data">): LiveRun {
  if (stream === "reasoning" && typeof data["delta"] === "string")
    return { ...run, isStale: false, reasoning: run.reasoning + data["delta"] };
  if (stream === "tool") return { ...run, isStale: false, tools: stepTools(run.tools, data) };
  return run;
}

function stepTools(tools: readonly ToolActivity[], data: Record<string, unknown>): readonly ToolActivity[] {
  const { toolCallId, name, phase } = data;
  if (typeof toolCallId !== "string" || typeof name !== "string") return tools;
  const known = tools.find((tool) => tool.toolCallId === toolCallId);
  const before: ToolActivity = known ?? { toolCallId, name, status: "running" };
  const after = nextTool(before, phase, data);
  return known ? tools.map((tool) => (tool === known ? after : tool)) : [...tools, after];
}

function nextTool(tool: ToolActivity, phase: unknown, data: Record<string, unknown>): ToolActivity {
  switch (phase) {
    case "start":
      return { ...tool, args: data["args"] };
    case "update":
      return tool.status === "running" ? { ...tool, output: textOfResult(data["partialResult"]) } : tool;
    case "result":
      return {
        ...tool,
        output: textOfResult(data["result"]),
        references: referencesOfResult(data["result"]),
        status: data["isError"] === true ? "failed" : "done",
      };
    default:
      return tool;
  }
}

/** The text parts of a tool's answer. */
export function textOfResult(result: unknown): string {
  if (typeof result === "string") return result;
  return partsOf(result)
    .flatMap((part) => ("text" in part && typeof part.text === "string" ? [part.text] : []))
    .join("\n");
}

/** What the gateway keeps apart of a tool's answer. */
export const referencesOfResult = (result: unknown): readonly OutputReference[] =>
  partsOf(result).flatMap((part) => ("reference" in part && isReference(part.reference) ? [part.reference] : []));

function partsOf(result: unknown): readonly object[] {
  const content = typeof result === "object" && result !== null && "content" in result ? result.content : undefined;
  return Array.isArray(content)
    ? content.filter((part: unknown): part is object => typeof part === "object" && part !== null)
    : [];
}

const kinds: ReadonlySet<unknown> = new Set<OutputReference["kind"]>(["text", "json", "image"]);

const isReference = (value: unknown): value is OutputReference =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  typeof value.id === "string" &&
  "bytes" in value &&
  typeof value.bytes === "number" &&
  "kind" in value &&
  kinds.has(value.kind);
