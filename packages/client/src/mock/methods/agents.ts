import { createHash } from "node:crypto";
import { type AgentFileContent, agentFileNames, type AgentSummary, GatewayError } from "@openclaw-gateway/protocol";
import type { Clock } from "../../core/index.ts";
import { defaultAgentId, mainKey, mockModel } from "../conversations.ts";
import type { MockHandlers } from "../handlers.ts";

type Agent = {
  id: string;
  name?: string | undefined;
  emoji?: string | undefined;
  avatar?: string | undefined;
  model?: string | undefined;
  workspace: string;
  files: Map<string, { content: string; updatedAtMs: number }>;
};

const folderOf = (id: string): string => `/mock/workspace${id === defaultAgentId ? "" : `-${id}`}`;
const refuse = (message: string): GatewayError => new GatewayError("INVALID_REQUEST", message);

/** An agent's id, made of its name. */
const slugOf = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);

/** Agents and the notes in their workspaces, in memory. */
export function createAgents(clock: Clock, names: readonly string[]) {
  const agents = new Map<string, Agent>();
  add(defaultAgentId);
  for (const name of names) add(slugOf(name), name);

  function add(id: string, name?: string): Agent {
    const agent: Agent = { id, name, workspace: folderOf(id), files: new Map() };
    const updatedAtMs = clock.now();
    for (const file of ["AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md"]) {
      agent.files.set(file, { content: `# ${file.replace(".md", "")} of ${name ?? id}\n`, updatedAtMs });
    }
    agents.set(id, agent);
    return agent;
  }

  function find(id: string, refusal = `agent "${id}" not found`): Agent {
    const agent = agents.get(id);
    if (agent === undefined) throw refuse(refusal);
    return agent;
  }

  const summaryOf = ({ id, name, emoji, avatar, model, workspace }: Agent): AgentSummary => ({
    id,
    workspace,
    model: { primary: model ?? `${mockModel.modelProvider}/${mockModel.model}` },
    ...(name === undefined ? {} : { name }),
    identity: {
      ...(name === undefined ? {} : { name }),
      ...(emoji === undefined ? {} : { emoji }),
      ...(avatar === undefined ? {} : { avatar }),
    },
  });

  function fileOf({ workspace, files }: Agent, name: string, withContent: boolean): AgentFileContent {
    const file = files.get(name);
    const path = `${workspace}/${name}`;
    if (file === undefined) return { name, path, missing: true };
    const { content, updatedAtMs } = file;
    const size = Buffer.byteLength(content);
    const hash = createHash("sha256").update(content).digest("hex");
    return { name, path, missing: false, size, updatedAtMs, ...(withContent ? { hash, content } : {}) };
  }

  function checkName(name: string): void {
    if (!agentFileNames.some((known) => known === name)) throw refuse(`unsupported file "${name}"`);
  }

  const methods = {
    "agents.list": () => ({
      defaultId: defaultAgentId,
      mainKey,
      scope: "per-sender",
      agents: [...agents.values()].map(summaryOf),
    }),
    "agent.identity.get": ({ agentId = defaultAgentId }) => {
      const { name = "Assistant", avatar = "A", emoji } = agents.get(agentId) ?? {};
      return { agentId, name, avatar, ...(emoji === undefined ? {} : { emoji }) };
    },
    "agents.create": ({ name, workspace, ...look }) => {
      const id = slugOf(name);
      if (id === "") throw refuse(`no agent id can be made of "${name}"`);
      if (id === defaultAgentId) throw refuse(`"${id}" is reserved`);
      if (agents.has(id)) throw refuse(`agent "${id}" already exists`);
      const agent = Object.assign(add(id, name), look, workspace === undefined ? {} : { workspace });
      return { ok: true, agentId: id, name, workspace: agent.workspace };
    },
    "agents.update": ({ agentId, ...changes }) => {
      const agent = find(agentId);
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      Object.assign(agent, Object.fromEntries(given));
      return { ok: true, agentId };
    },
    "agents.delete": ({ agentId }) => {
      if (agentId === defaultAgentId) throw refuse(`"${agentId}" cannot be deleted`);
      find(agentId);
      agents.delete(agentId);
      return { ok: true, agentId, removedBindings: 0 };
    },
    "agents.files.list": ({ agentId }) => {
      const agent = find(agentId, "unknown agent id");
      const files = agentFileNames.map((name) => fileOf(agent, name, false));
      return { agentId, workspace: agent.workspace, files };
    },
    "agents.files.get": ({ agentId, name }) => {
      const agent = find(agentId, "unknown agent id");
      checkName(name);
      return { agentId, workspace: agent.workspace, file: fileOf(agent, name, true) };
    },
    "agents.files.set": ({ agentId, name, content }) => {
      const agent = find(agentId, "unknown agent id");
      checkName(name);
      agent.files.set(name, { content, updatedAtMs: clock.now() });
      return { ok: true, agentId, workspace: agent.workspace, file: fileOf(agent, name, true) };
    },
  } satisfies MockHandlers;

  return { methods, ids: (): string[] => [...agents.keys()], require: find };
}
