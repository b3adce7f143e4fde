import { GatewayError, methodGroups, parseSessionKey } from "@openclaw-gateway/protocol";
import type { Audit } from "../../audit/audit.ts";
import { implement } from "../../rpc/handler.ts";
import { memoised } from "../../rpc/memoised.ts";
import { stable } from "../../rpc/stable.ts";
import type { AgentDescription } from "../../runtime/agent-runtime.ts";
import type { SessionRemoval } from "../../turns/session-removal.ts";
import { parseIdentity, presentIdentity, type WrittenIdentity } from "./identity.ts";
import { createRoster, type RosterDeps } from "./roster.ts";
import { agentFileName, listWorkspaceFiles, readWorkspaceFile, writeWorkspaceFile } from "./workspace-files.ts";

export function createAgents(
  deps: RosterDeps & {
    mainKey: () => string;
    scope: () => string;
    audit: Audit;
    removal: Pick<SessionRemoval, "removeAllOf">;
  },
) {
  const { runtime, audit, removal } = deps;
  const roster = createRoster(deps);
  const answer = memoised(
    () => runtime.agents(),
    (agents) =>
      stable({
        defaultId: runtime.defaultAgentId,
        mainKey: deps.mainKey(),
        scope: deps.scope(),
        agents: agents.map(toSummary),
      }),
  );
  const find = (agentId: string): AgentDescription | undefined => runtime.agents().find(({ id }) => id === agentId);
  function workspaceOf(agentId: string): string {
    const agent = find(agentId);
    if (!agent) throw new GatewayError("INVALID_REQUEST", "unknown agent id");
    return agent.workspace;
  }

  return implement(methodGroups.agents, {
    "agents.list": () => answer(),
    "agent.identity.get": async ({ agentId, sessionKey }) => {
      const ofSession = parseSessionKey(sessionKey?.trim().toLowerCase() ?? "")?.agentId;
      if (agentId !== undefined && ofSession !== undefined && agentId.toLowerCase() !== ofSession) {
        throw new GatewayError(
          "INVALID_REQUEST",
          `invalid agent.identity.get params: agent "${agentId}" does not match session key agent "${ofSession}"`,
        );
      }
      const id = agentId ?? ofSession ?? runtime.defaultAgentId;
      const agent = find(id);
      return presentIdentity(id, agent, agent ? await writtenIdentity(agent.workspace) : {});
    },
    "agents.create": async (params, by) => {
      const made = await roster.create(params, by);
      await audit.record({ action: "agent.created", by, subject: made.agentId });
      return { ok: true, ...made };
    },
    "agents.update": async ({ agentId, ...wishes }, by) => {
      await roster.update(agentId, wishes, by);
      await audit.record({ action: "agent.updated", by, subject: agentId, detail: { fields: Object.keys(wishes) } });
      return { ok: true, agentId };
    },
    "agents.delete": async ({ agentId, deleteFiles }, by) => {
      const removedBindings = await roster.remove(agentId, deleteFiles, by);
      // What was said with an agent goes with its files.
      if (deleteFiles) await removal.removeAllOf(agentId);
      await audit.record({ action: "agent.deleted", by, subject: agentId, detail: { deleteFiles } });
      return { ok: true, agentId, removedBindings };
    },
    "agents.files.list": async ({ agentId }) => {
      const workspace = workspaceOf(agentId);
      return { agentId, workspace, files: await listWorkspaceFiles(workspace) };
    },
    "agents.files.get": async ({ agentId, name }) => {
      const workspace = workspaceOf(agentId);
      return { agentId, workspace, file: await readWorkspaceFile(workspace, agentFileName(name)) };
    },
    "agents.files.set": async ({ agentId, name, content }) => {
      const workspace = workspaceOf(agentId);
      return { ok: true, agentId, workspace, file: await writeWorkspaceFile(workspace, agentFileName(name), content) };
    },
  });
}

/** An identity nobody can read is one nobody wrote. */
const writtenIdentity = (workspace: string): Promise<WrittenIdentity> =>
  readWorkspaceFile(workspace, "IDENTITY.md").then(
    ({ content }) => parseIdentity(content ?? ""),
    () => ({}),
  );

const toSummary = (agent: AgentDescription) => ({
  id: agent.id,
  ...(agent.name !== undefined && { name: agent.name }),
  ...(agent.identity && { identity: agent.identity }),
  workspace: agent.workspace,
  model: {
    primary: agent.primaryModel,
    ...(agent.fallbackModels.length > 0 && { fallbacks: [...agent.fallbackModels] }),
  },
  ...(agent.daemon && ({ runtime: { type: "daemon" }, status: agent.daemon.isOnline ? "online" : "offline" } as const)),
});
