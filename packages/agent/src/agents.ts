import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { AgentDescription } from "@openclaw-gateway/server";
import type {
  AgentConfig,
  AgentRuntimeConfig,
  MemorySearchConfig,
  ModelChain,
  SubagentsConfig,
  ToolsConfig,
} from "./config.ts";
import { defaultContextTokens } from "./context/limits.ts";
import { demoModel } from "./demo/demo-model.ts";
import type { Catalogue } from "./providers/catalogue.ts";
import { modelName } from "./providers/model.ts";

const mainAgentId = "main";
/** What a turn may take where the configuration does not say. */
export const defaultTimeoutSeconds = 600;

export type Agent = {
  id: string;
  name: string | undefined;
  identity: { name?: string; emoji?: string; theme?: string; avatar?: string } | undefined;
  workspace: string;
  /** Names of models, the first choice first. */
  models: readonly string[];
  /** Whether the configuration names them; otherwise they are only what there is. */
  areModelsChosen: boolean;
  /** Every one of them has to let a tool through. */
  toolPolicies: readonly (ToolsConfig | undefined)[];
  subagents: NonNullable<AgentDescription["subagents"]>;
  /** `provider/id` of what makes texts into vectors. */
  embeddingModel: string | undefined;
  /** Set when another program runs the agent. */
  daemon: AgentDescription["daemon"];
};

export type Agents = {
  defaultId: string;
  all: ReadonlyMap<string, Agent>;
  /** Also for agents that the configuration does not name. */
  get(id: string): Agent;
  descriptions: readonly AgentDescription[];
};

export function createAgents(config: AgentRuntimeConfig, catalogue: Catalogue, stateDir: string): Agents {
  const defaults = config.agents?.defaults;
  const listed: readonly AgentConfig[] = config.agents?.list?.length ? config.agents.list : [{ id: mainAgentId }];
  const defaultId = (listed.find((agent) => agent.default) ?? listed[0])?.id ?? mainAgentId;

  const toAgent = (agent: AgentConfig): Agent => ({
    id: agent.id,
    name: agent.name,
    identity: agent.identity && withoutUndefined(agent.identity),
    workspace: workspaceOf(
      agent,
      agent.id === defaultId ? defaults?.workspace : undefined,
      agent.id === defaultId,
      stateDir,
    ),
    models: modelsOf(agent.model, defaults?.model, catalogue),
    areModelsChosen: (chain(agent.model).primary ?? chain(defaults?.model).primary) !== undefined,
    toolPolicies: [config.tools, agent.tools],
    subagents: subagentsOf(agent.subagents, defaults?.subagents),
    embeddingModel: embeddingModelOf(agent.memorySearch, defaults?.memorySearch),
    daemon: agent.runtime?.type === "daemon" ? daemonOf(agent.runtime, defaults?.timeoutSeconds) : undefined,
  });

  const all = new Map(listed.map((agent) => [agent.id, toAgent(agent)]));
  return {
    defaultId,
    all,
    get: (id) => all.get(id) ?? toAgent({ id }),
    descriptions: [...all.values()].map((agent) => describe(agent, catalogue, defaults?.contextTokens)),
  };
}

function describe(agent: Agent, catalogue: Catalogue, maxContextTokens: number | undefined): AgentDescription {
  const [primary = catalogue.defaultModel, ...fallbacks] = agent.models;
  const { identity } = agent;
  return {
    id: agent.id,
    ...(agent.name !== undefined && { name: agent.name }),
    ...(identity && {
      identity: {
        ...(identity.name !== undefined && { name: identity.name }),
        ...(identity.theme !== undefined && { theme: identity.theme }),
        ...(identity.emoji !== undefined && { emoji: identity.emoji }),
        ...(identity.avatar !== undefined && { avatar: identity.avatar }),
      },
    }),
    workspace: agent.workspace,
    primaryModel: primary,
    fallbackModels: fallbacks,
    contextTokens: Math.min(
      catalogue.find(primary)?.contextWindow ?? defaultContextTokens,
      maxContextTokens ?? Number.POSITIVE_INFINITY,
    ),
    ...(Object.keys(agent.subagents).length > 0 && { subagents: agent.subagents }),
    ...(agent.daemon && { daemon: agent.daemon }),
  };
}

const daemonOf = (
  { devices }: NonNullable<AgentConfig["runtime"]>,
  timeoutSeconds = defaultTimeoutSeconds,
): NonNullable<Agent["daemon"]> => ({ timeoutSeconds, ...(devices && { devices }) });

/** Configurations name some providers as others do. */
const embeddingProviders: ReadonlyMap<string, string> = new Map([["gemini", "google"]]);

function embeddingModelOf(
  own: MemorySearchConfig | undefined,
  shared: MemorySearchConfig | undefined,
): string | undefined {
  const model = own?.model ?? shared?.model;
  if (model === undefined) return undefined;
  const provider = own?.provider ?? shared?.provider;
  if (provider === undefined && model.includes("/")) return model;
  const named = provider ?? "openai";
  return `${embeddingProviders.get(named) ?? named}/${model}`;
}

/** An agent may choose another first model and keep the shared fallbacks, or have fallbacks of its own. */
function modelsOf(own: ModelChain | undefined, shared: ModelChain | undefined, catalogue: Catalogue): string[] {
  if (!catalogue.hasProvider) return [modelName(demoModel.ref)];
  const [mine, ours] = [chain(own), chain(shared)];
  const primary = mine.primary ?? ours.primary ?? catalogue.defaultModel;
  const names = [primary, ...(mine.fallbacks ?? ours.fallbacks ?? [])].map((name) => {
    const found = catalogue.find(name);
    return found ? modelName(found.ref) : name;
  });
  return [...new Set(names)];
}

function chain(model: ModelChain | undefined): {
  primary?: string | undefined;
  fallbacks?: readonly string[] | undefined;
} {
  if (model === undefined) return {};
  return typeof model === "string"
    ? { primary: model || undefined }
    : { ...model, primary: model.primary || undefined };
}

function subagentsOf(own: SubagentsConfig = {}, shared: SubagentsConfig = {}): Agent["subagents"] {
  const model = chain(own.model).primary ?? chain(shared.model).primary;
  const thinking = own.thinking ?? shared.thinking;
  const allowAgents = own.allowAgents ?? shared.allowAgents;
  return {
    ...(model !== undefined && { model }),
    ...(thinking !== undefined && { thinking }),
    ...(allowAgents && { allowAgents }),
  };
}

/** The default agent has the shared workspace; every other one has a folder of its own. */
function workspaceOf(agent: AgentConfig, shared: string | undefined, isDefault: boolean, stateDir: string): string {
  const given = agent.workspace ?? shared;
  if (given !== undefined && given !== "") return absolute(given, stateDir);
  return join(stateDir, isDefault ? "workspace" : `workspace-${safeFolder(agent.id)}`);
}

/** An agent's id is part of a folder's name: nothing in it may lead elsewhere, nor to another agent's folder. */
function safeFolder(id: string): string {
  const safe = id.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
  return safe === id ? id : `${safe}-${createHash("sha256").update(id).digest("hex").slice(0, 12)}`;
}

function absolute(path: string, stateDir: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
  return isAbsolute(expanded) ? expanded : resolve(stateDir, expanded);
}

function withoutUndefined(identity: NonNullable<AgentConfig["identity"]>): NonNullable<Agent["identity"]> {
  return Object.fromEntries(
    Object.entries(identity).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
