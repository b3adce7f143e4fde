import { methodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";
import { memoised } from "../../rpc/memoised.ts";
import { stable } from "../../rpc/stable.ts";
import type { AgentDescription, AgentRuntime } from "../../runtime/agent-runtime.ts";

export function createAgents(deps: { runtime: AgentRuntime; mainKey: () => string; scope: () => string }) {
  const answer = memoised(
    () => deps.runtime.agents(),
    (agents) => stable({ defaultId: deps.runtime.defaultAgentId, mainKey: deps.mainKey(), scope: deps.scope(), agents: agents.map(toSummary) }),
  );
  return implement(methodGroups.agents, { "agents.list": () => answer() });
}

const toSummary = (agent: AgentDescription) => ({
  id: agent.id,
  ...(agent.name !== undefined && { name: agent.name }),
  ...(agent.identity && { identity: agent.identity }),
  workspace: agent.workspace,
  model: {
    primary: agent.primaryModel,
    ...(agent.fallbackModels.length > 0 && { fallbacks: [...agent.fallbackModels] }),
  },
});
