import type { AssistantMessage } from "@openclaw-gateway/protocol";
import type { AgentDescription, AgentRuntime, Turn, TurnEvent } from "../runtime/agent-runtime.ts";

export const scriptedModel = { provider: "test", id: "model-1" };

/** A turn as a test writes it: events, and pauses that end when the test (or an abort) lets them. */
export type TurnScript = (turn: Turn, signal: AbortSignal) => AsyncIterable<TurnEvent>;

/** A runtime whose turns are written by the test; `turns` records what it was asked. */
export function createScriptedRuntime(script: TurnScript): AgentRuntime & { readonly turns: Turn[] } {
  const turns: Turn[] = [];
  const main = {
    id: "main",
    workspace: "/nowhere",
    primaryModel: "test/model-1",
    fallbackModels: [],
    contextTokens: 128_000,
  };
  let agents: readonly AgentDescription[] = [main];
  const models = [
    { id: "model-1", name: "Model 1", provider: "test", contextWindow: 128_000 },
    { id: "model-2", name: "Model 2", provider: "test" },
  ];
  return {
    turns,
    run: (turn, signal) => {
      turns.push(turn);
      return script(turn, signal);
    },
    compact: async () => ({ kind: "nothing" }),
    models: () => models,
    findModel: (name) => models.find(({ provider, id }) => name === id || name === `${provider}/${id}`),
    modelsOf: (_agentId, chosen = main.primaryModel) =>
      models
        .filter(({ provider, id }) => chosen === `${provider}/${id}`)
        .map(({ provider, id }) => ({ model: { provider, id }, isPriced: id === "model-1" })),
    agents: () => agents,
    toolNames: () => ["read"],
    callTool: async () => ({ kind: "unavailable" }),
    embed: async () => ({ kind: "unavailable", message: "not scripted" }),
    defaultAgentId: "main",
    reconfigure: (config) => {
      const list = config.agents?.list?.length ? config.agents.list : [{ id: "main" }];
      agents = list.map((agent) => ({
        ...main,
        id: agent.id,
        ...(agent.name !== undefined && { name: agent.name }),
        workspace: agent.workspace ?? main.workspace,
        ...(typeof agent.model === "string" && { primaryModel: agent.model }),
        ...(agent.subagents?.allowAgents && { subagents: { allowAgents: agent.subagents.allowAgents } }),
      }));
    },
    close: async () => {},
  };
}

export function assistantMessage(text: string, over: Partial<AssistantMessage> = {}): AssistantMessage {
  return {
    role: "assistant",
    content: [{ type: "text", text }],
    api: "openai-completions",
    provider: scriptedModel.provider,
    model: scriptedModel.id,
    usage: {
      input: 10,
      output: 5,
      cacheRead: 0,
      cacheWrite: 0,
      totalTokens: 15,
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
    },
    stopReason: "stop",
    timestamp: 1,
    ...over,
  };
}

/** An answer in pieces, then its message, usage and end. */
export async function* answer(...pieces: string[]): AsyncIterable<TurnEvent> {
  yield { type: "model", model: scriptedModel };
  for (const delta of pieces) yield { type: "text", delta };
  const message = assistantMessage(pieces.join(""));
  yield { type: "usage", usage: message.usage, model: scriptedModel, contextTokens: 10 };
  yield { type: "message", message };
  yield { type: "end", stopReason: "stop" };
}

/** Never ends by itself; stops when the turn is aborted. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
