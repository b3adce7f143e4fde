import { GatewayError } from "@openclaw-gateway/protocol";
import type { SubagentSettings } from "../../settings.ts";

type Spawn = {
  limits: SubagentSettings;
  /** How deep the parent is: 0 for a session of a person. */
  parentDepth: number;
  /** Sub-agents of the parent that have not ended. */
  openChildren: number;
};

/** Why a sub-agent may not be started, or undefined. */
export function limitReached({ limits, parentDepth, openChildren }: Spawn): GatewayError | undefined {
  if (parentDepth >= limits.maxSpawnDepth) {
    return new GatewayError(
      "INVALID_REQUEST",
      `sessions.spawn is not allowed at this depth (depth ${parentDepth}, agents.defaults.subagents.maxSpawnDepth ${limits.maxSpawnDepth})`,
      { details: { reason: "spawn-depth", depth: parentDepth, limit: limits.maxSpawnDepth } },
    );
  }
  if (openChildren >= limits.maxChildrenPerAgent) {
    return new GatewayError(
      "INVALID_REQUEST",
      `too many sub-agents of this session are running (${openChildren}, agents.defaults.subagents.maxChildrenPerAgent ${limits.maxChildrenPerAgent})`,
      { details: { reason: "spawn-children", running: openChildren, limit: limits.maxChildrenPerAgent } },
    );
  }
  return undefined;
}

/** Whether work may be given to an agent: to one's own always, to others as the configuration lists them. */
export function mayGiveWorkTo(agentId: string, ownAgentId: string, allowAgents: readonly string[] = []): boolean {
  const names = [ownAgentId, ...allowAgents].map((name) => name.toLowerCase());
  return names.includes(agentId.toLowerCase()) || allowAgents.includes("*");
}
