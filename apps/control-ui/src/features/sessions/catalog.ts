import type { AgentSummary, ModelChoice } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

/** What the gateway offers: agents and models. */
export type Catalog = { defaultAgentId: string; agents: readonly AgentSummary[]; models: readonly ModelChoice[] };

export const emptyCatalog: Catalog = { defaultAgentId: "main", agents: [], models: [] };

export function reduceCatalog(catalog: Catalog, action: AppAction): Catalog {
  if (action.type === "signed-out") return emptyCatalog;
  if (action.type !== "catalog-loaded") return catalog;
  return { defaultAgentId: action.agents.defaultId, agents: action.agents.agents, models: action.models.models };
}

export type ModelLabel = { name: string; ref: string; isDemo: boolean };

/** The model a session uses: its own, else its agent's. */
export function modelLabel(
  catalog: Catalog,
  agentId: string,
  row: { modelProvider?: string | undefined; model?: string | undefined } | undefined,
): ModelLabel | undefined {
  const agent = catalog.agents.find(({ id }) => id === agentId);
  const ref = row?.model === undefined ? agent?.model?.primary : `${row.modelProvider ?? ""}/${row.model}`;
  if (ref === undefined) return undefined;
  const model = catalog.models.find(({ provider, id }) => `${provider}/${id}` === ref);
  const name = model?.name ?? ref.slice(ref.indexOf("/") + 1);
  return { name, ref, isDemo: model?.tags?.includes("demo") ?? false };
}

/** What the assistant of an agent is called. */
export function agentName(catalog: Catalog, agentId: string): string {
  const agent = catalog.agents.find(({ id }) => id === agentId);
  return agent?.identity?.name ?? agent?.name ?? "Assistant";
}
