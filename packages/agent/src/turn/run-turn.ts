import { randomUUID } from "node:crypto";
import type { AssistantMessage, StopReason, TranscriptMessage, Usage } from "@openclaw-gateway/protocol";
import { zeroUsage } from "@openclaw-gateway/protocol";
import type { Clock, Turn, TurnEvent } from "@openclaw-gateway/server";
import type { Agent } from "../agents.ts";
import { isPriced, type Model } from "../providers/model.ts";
import { toUsage } from "../providers/usage.ts";
import { systemPrompt } from "../prompt/system-prompt.ts";
import { offeredTools, toDefinition } from "../tools/registry.ts";
import type { Tool } from "../tools/tool.ts";
import { estimateAttachments, estimateContext, estimateText } from "../context/estimate.ts";
import type { ProviderFailure } from "../providers/failure.ts";
import { ask } from "./ask.ts";
import { callersCalls, providerOptions, samplingOptions, toolOptions } from "./caller-part.ts";
import { createRoom, type RoomDeps } from "./make-room.ts";
import { toPrompt } from "./prompt.ts";
import { runTools } from "./run-tools.ts";
import { toolCallsOf } from "./repair-history.ts";
import { reasoningFor } from "./thinking.ts";

export type TurnDeps = RoomDeps & {
  tools: readonly Tool[];
  notesOf(workspace: string): Promise<{ name: string; text: string }[]>;
  thinkingDefault: string | undefined;
  maxSteps: number;
};

/** What one turn is about, looked up. `models` is not empty. */
export type PreparedTurn = {
  turn: Turn;
  agent: Agent;
  models: readonly Model[];
  /** Who sums up instead of them. */
  summaryModel: Model | undefined;
  isTimedOut(): boolean;
  timeoutSeconds: number;
};

/** One turn from the user's message to the end: model steps and the tools between them. */
export async function* runTurn(
  deps: TurnDeps,
  prepared: PreparedTurn,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent, void> {
  const { turn, agent, models } = prepared;
  const { clock } = deps;
  const choice = { candidates: models, current: 0 };
  const tools = offeredTools(deps.tools, turn, agent.toolPolicies);
  const thinking = turn.thinking ?? deps.thinkingDefault;
  const [first] = models;
  if (first) yield { type: "model", model: first.ref };

  const system = systemPrompt({
    agent,
    notes: await deps.notesOf(agent.workspace),
    tools,
    nowMs: clock.now(),
    extra: turn.extraSystemPrompt,
  });
  const history: TranscriptMessage[] = [...turn.history];
  const takeId = createIds(history);

  const question = history.findLast(({ role }) => role === "user");
  const toolPart = toolOptions(tools.map(toDefinition), turn.callerTools);
  const frame = estimateText(system) + estimateText(JSON.stringify(toolPart.tools ?? []));
  const room = createRoom(deps, history, choice, { runId: turn.runId, summaryModel: prepared.summaryModel, signal });

  for (let step = 0; step < deps.maxSteps; step++) {
    if (step > 0 && turn.steering) history.push(...(await turn.steering.take()));
    const attached = step === 0 ? estimateAttachments(turn.attachments) : 0;
    yield* room.before(estimateContext(history, frame) + attached);
    if (signal.aborted && first) return yield ending(prepared, choice.candidates[choice.current] ?? first);
    const call = {
      optionsFor: (model: Model) => ({
        prompt: toPrompt(model, system, history, turn.attachments, question),
        ...toolPart,
        ...samplingOptions(turn, model),
        ...withReasoning(model, thinking),
        providerOptions: providerOptions(turn, model),
      }),
      takeId,
      signal,
    };
    let result = yield* ask(deps, choice, call);
    if (result.kind === "failed" && result.failure.kind === "context_length") {
      const problem = yield* room.afterRefusal(
        result.failure,
        result.model,
        estimateContext(history, frame) + attached,
      );
      if (signal.aborted) return yield ending(prepared, result.model);
      if (problem !== undefined) return yield tooLong(result.failure, result.model, problem);
      result = yield* ask(deps, choice, call);
    }
    const { model } = result;
    if (result.kind === "aborted") {
      const content = result.answer?.textContent() ?? [];
      if (content.length > 0)
        yield { type: "message", message: assistantMessage(model, content, "aborted", zeroUsage(), clock) };
      return yield ending(prepared, model);
    }
    if (result.kind === "failed") {
      const { kind, message, httpStatus } = result.failure;
      return yield { type: "error", kind, message, model: model.ref, ...(httpStatus !== undefined && { httpStatus }) };
    }
    const { answer } = result;
    const usage = toUsage(answer.usage, model.price);
    yield { type: "usage", usage, model: model.ref, ...(!isPriced(model) && { isUnpriced: true }) };
    const stopReason = answer.requests.length > 0 ? "toolUse" : answer.finish === "length" ? "length" : "stop";
    const message = assistantMessage(model, answer.content(), stopReason, usage, clock);
    if (message.content.length > 0) yield { type: "message", message };
    if (stopReason !== "toolUse") return yield { type: "end", stopReason };
    history.push(message);
    const calls = callersCalls(answer.requests, turn.callerTools);
    const awaited = new Set(calls.map(({ callId }) => callId));
    history.push(
      ...(yield* runTools(
        {
          ...deps,
          tools,
          workspace: agent.workspace,
          gateway: turn.gateway,
          exec: turn.exec,
          sessionKey: turn.sessionKey,
          signal,
        },
        answer.requests.filter(({ id }) => !awaited.has(id)),
      )),
    );
    if (signal.aborted) return yield ending(prepared, model);
    if (calls.length > 0) return yield { type: "end", stopReason: "tool_calls", calls };
  }
  yield { type: "error", kind: "unknown", message: `the turn was stopped after ${deps.maxSteps} model steps` };
}

const tooLong = ({ message, httpStatus }: ProviderFailure, model: Model, problem: string): TurnEvent => ({
  type: "error",
  kind: "context_length",
  message: `${message} (the conversation is too long for this model, and its beginning could not be summed up: ${problem}; /compact tries again, /new starts afresh)`,
  model: model.ref,
  ...(httpStatus !== undefined && { httpStatus }),
});

function ending({ isTimedOut, timeoutSeconds }: PreparedTurn, model: Model): TurnEvent {
  if (!isTimedOut()) return { type: "end", stopReason: "aborted" };
  return { type: "error", kind: "timeout", message: `the turn took longer than ${timeoutSeconds} s`, model: model.ref };
}

function assistantMessage(
  model: Model,
  content: AssistantMessage["content"],
  stopReason: StopReason,
  usage: Usage,
  clock: Clock,
): AssistantMessage {
  const { provider, id } = model.ref;
  return { role: "assistant", content, api: model.api, provider, model: id, usage, stopReason, timestamp: clock.now() };
}

function withReasoning(model: Model, thinking: string | undefined) {
  const reasoning = reasoningFor(model, thinking);
  return reasoning !== undefined && { reasoning };
}

/** Ids of tool calls as the provider gave them, unless it gives one twice: a transcript needs every one to be its own. */
function createIds(history: readonly TranscriptMessage[]): (wanted: string) => string {
  const taken = new Set(
    history.flatMap((message) => (message.role === "assistant" ? toolCallsOf(message).map(({ id }) => id) : [])),
  );
  return (wanted) => {
    const id = wanted === "" || taken.has(wanted) ? `call_${randomUUID().replaceAll("-", "")}` : wanted;
    taken.add(id);
    return id;
  };
}
