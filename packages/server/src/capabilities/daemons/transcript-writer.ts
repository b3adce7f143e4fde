import type { AssistantMessage, TurnReport, Usage } from "@openclaw-gateway/protocol";
import type { ModelRef, TurnEvent } from "../../runtime/agent-runtime.ts";

type Part = AssistantMessage["content"][number];

/** Makes the events of a turn, and the messages of its transcript, from what a daemon reports. */
export function createTranscriptWriter(agentId: string, now: () => number) {
  let model: ModelRef = { provider: "daemon", id: agentId };
  let isModelTold = false;
  let parts: Part[] = [];
  let usage: Usage | undefined;

  function add(kind: "text" | "thinking", delta: string): void {
    const last = parts.at(-1);
    if (kind === "text" && last?.type === "text") last.text += delta;
    else if (kind === "thinking" && last?.type === "thinking") last.thinking += delta;
    else parts.push(kind === "text" ? { type: "text", text: delta } : { type: "thinking", thinking: delta });
  }

  /** The assistant's message so far, if it said or called anything. */
  function finishMessage(stopReason: AssistantMessage["stopReason"]): TurnEvent[] {
    if (parts.length === 0) return [];
    const message: AssistantMessage = {
      role: "assistant",
      content: parts,
      api: "daemon",
      provider: model.provider,
      model: model.id,
      usage: usage ?? usageOf({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }),
      stopReason,
      timestamp: now(),
    };
    parts = [];
    usage = undefined;
    return [{ type: "message", message }];
  }

  const isCalling = (): boolean => parts.some(({ type }) => type === "toolCall");

  function* tell(report: TurnReport): Generator<TurnEvent, void> {
    switch (report.type) {
      case "model":
        return;
      case "text":
        // What is said after a call belongs to the next message; its results may still be under way.
        if (isCalling()) yield* finishMessage("toolUse");
        add("text", report.delta);
        return yield report;
      case "reasoning":
        if (isCalling()) yield* finishMessage("toolUse");
        add("thinking", report.delta);
        return yield report;
      case "tool-start":
        parts.push({ type: "toolCall", id: report.toolCallId, name: report.name, arguments: report.args });
        return yield report;
      case "tool-update":
        return yield report;
      case "tool-end": {
        if (isCalling()) yield* finishMessage("toolUse");
        const { toolCallId, name: toolName, isError, result } = report;
        yield report;
        return yield {
          type: "message",
          message: {
            role: "toolResult",
            toolCallId,
            toolName,
            content: result.content,
            ...(result.details !== undefined && { details: result.details }),
            isError,
            timestamp: now(),
          },
        };
      }
      case "usage": {
        usage = usageOf(report);
        const { contextTokens, costMicroUsd } = report;
        return yield {
          type: "usage",
          usage,
          model,
          ...(contextTokens !== undefined && { contextTokens }),
          ...(costMicroUsd === undefined && { isUnpriced: true as const }),
        };
      }
      case "end":
        yield* finishMessage(report.stopReason);
        return yield report;
      case "error":
        // Text alone is kept by whoever records the failure; a call must be in the transcript before its results.
        if (isCalling()) yield* finishMessage("toolUse");
        return yield { ...report, model };
      default:
        return report satisfies never;
    }
  }

  return {
    *take(report: TurnReport): Generator<TurnEvent, void> {
      const named = report.type === "model" || report.type === "usage" ? report.model : undefined;
      const isNew = named !== undefined && (named.id !== model.id || named.provider !== model.provider);
      if (isNew) model = named;
      if (isNew || !isModelTold) yield { type: "model", model };
      isModelTold = true;
      yield* tell(report);
    },
  };
}

function usageOf(report: Omit<Extract<TurnReport, { type: "usage" }>, "type">): Usage {
  const { input, output, cacheRead, cacheWrite, costMicroUsd = 0 } = report;
  return {
    input,
    output,
    cacheRead,
    cacheWrite,
    totalTokens: input + output + cacheRead + cacheWrite,
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: costMicroUsd / 1_000_000 },
  };
}
