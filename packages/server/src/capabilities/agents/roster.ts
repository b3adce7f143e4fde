import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { GatewayError } from "@openclaw-gateway/protocol";
import type { AuditBy } from "../../audit/audit-entry.ts";
import type { ConfigContent, UpdateConfig } from "../../config/write.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import { parseIdentity, writeIdentity, type WrittenIdentity } from "./identity.ts";
import { fillWorkspace } from "./templates.ts";
import { moveToTrash } from "./trash.ts";
import { readWorkspaceFile, writeWorkspaceFile } from "./workspace-files.ts";

/** The agent that is there when the configuration names none. */
const mainId = "main";

type Entry = Record<string, unknown> & { id: string };
type Wishes = {
  name?: string | undefined;
  workspace?: string | undefined;
  model?: string | undefined;
  emoji?: string | undefined;
  avatar?: string | undefined;
};

export type RosterDeps = {
  runtime: AgentRuntime;
  updateConfig: UpdateConfig;
  stateDir: string;
  clock: Clock;
  log: Log;
};

/** Agents as entries of the configuration. A change is on disk and in effect when its promise resolves. */
export function createRoster({ runtime, updateConfig, stateDir, clock, log }: RosterDeps) {
  async function create({ name, workspace, model, emoji, avatar }: Wishes & { name: string }, by: AuditBy) {
    const agentId = slugOf(name);
    if (agentId === mainId) throw refuse(`"${mainId}" is reserved`);
    if (runtime.agents().some(({ id }) => sameId(id, agentId))) throw refuse(`agent "${agentId}" already exists`);
    const folder = absolute(workspace ?? `workspace-${agentId}`, stateDir);
    // First, because an agent whose folder cannot be made must not come to be.
    await prepare(folder, { name: name.trim(), emoji, avatar });
    await updateConfig(
      (content) => {
        const list = entriesOf(content);
        if (list.some(({ id }) => sameId(id, agentId))) throw refuse(`agent "${agentId}" already exists`);
        return withEntries(content, [
          ...list,
          { id: agentId, name: name.trim(), workspace: folder, ...(model && { model }) },
        ]);
      },
      { by },
    );
    return { agentId, name: name.trim(), workspace: folder, ...(model && { model }) };
  }

  async function update(agentId: string, wishes: Wishes, by: AuditBy): Promise<void> {
    const { name, workspace, model, emoji, avatar } = wishes;
    const former = runtime.agents().find(({ id }) => id === agentId);
    if (!former) throw refuse(`agent "${agentId}" not found`);
    const folder = workspace === undefined ? undefined : absolute(workspace, stateDir);
    if (folder !== undefined) await prepare(folder, {});
    await updateConfig(
      (content) => {
        const list = entriesOf(content);
        if (!list.some(({ id }) => id === agentId)) throw refuse(`agent "${agentId}" not found`);
        return withEntries(
          content,
          list.map((entry) =>
            entry.id === agentId
              ? changed(entry, { name: name?.trim(), workspace: folder, model, emoji, avatar })
              : entry,
          ),
        );
      },
      { by },
    );
    const isNamedAlike = name !== undefined && (await identityIn(folder ?? former.workspace)).name === former.name;
    await writeInto(folder ?? former.workspace, { ...(isNamedAlike && { name }), emoji, avatar });
  }

  /** The number of bindings that went with it. */
  async function remove(agentId: string, deleteFiles: boolean, by: AuditBy): Promise<number> {
    if (agentId === mainId) throw refuse(`"${mainId}" cannot be deleted`);
    const former = runtime.agents().find(({ id }) => id === agentId);
    let removedBindings = 0;
    await updateConfig(
      (content) => {
        const list = entriesOf(content);
        if (!list.some(({ id }) => id === agentId)) throw refuse(`agent "${agentId}" not found`);
        const without = withEntries(
          content,
          list.filter(({ id }) => id !== agentId),
        );
        const { bindings } = content;
        if (!Array.isArray(bindings)) return without;
        const kept = bindings.filter((binding: unknown) => !isRecord(binding) || binding["agentId"] !== agentId);
        removedBindings = bindings.length - kept.length;
        return { ...without, bindings: kept };
      },
      { allowShrink: true, by },
    );
    if (deleteFiles && former) await discard(former.workspace, agentId);
    return removedBindings;
  }

  async function discard(workspace: string, agentId: string): Promise<void> {
    const alsoUsed = runtime.agents().map((agent) => agent.workspace);
    try {
      const what = await moveToTrash(workspace, agentId, { stateDir, nowMs: clock.now(), alsoUsed });
      if (what === "in use")
        log.warn({ agentId, workspace }, "the workspace of a deleted agent stays: it holds something else too");
    } catch (error) {
      log.warn({ agentId, workspace, err: error }, "the workspace of a deleted agent could not be moved to the trash");
    }
  }

  return { create, update, remove };
}

/** Notes to begin with, and what was asked for in `IDENTITY.md`. A name that is there already stays. */
async function prepare(workspace: string, { name, ...asked }: Wishes): Promise<void> {
  await fillWorkspace(workspace).catch((error: unknown) => {
    throw new GatewayError("UNAVAILABLE", `the workspace ${workspace} cannot be written`, { cause: error });
  });
  const hasName = name === undefined || (await identityIn(workspace)).name !== undefined;
  await writeInto(workspace, { ...(!hasName && { name }), emoji: asked.emoji, avatar: asked.avatar });
}

const identityIn = async (workspace: string): Promise<WrittenIdentity> =>
  parseIdentity((await readWorkspaceFile(workspace, "IDENTITY.md")).content ?? "");

async function writeInto(workspace: string, { name, emoji, avatar }: Wishes): Promise<void> {
  const asked = { ...(name && { name }), ...(emoji && { emoji }), ...(avatar && { avatar }) };
  if (Object.keys(asked).length === 0) return;
  const { content = "" } = await readWorkspaceFile(workspace, "IDENTITY.md");
  const text = writeIdentity(content, asked);
  if (text !== content) await writeWorkspaceFile(workspace, "IDENTITY.md", text);
}

/** An identity in the configuration hides the one in the workspace, so what it names is changed there too. */
function changed(entry: Entry, { name, workspace, model, emoji, avatar }: Wishes): Entry {
  const identity = isRecord(entry["identity"]) ? { ...entry["identity"] } : undefined;
  if (identity && emoji && "emoji" in identity) identity["emoji"] = emoji;
  if (identity && avatar && "avatar" in identity) identity["avatar"] = avatar;
  return {
    ...entry,
    ...(name && { name }),
    ...(workspace && { workspace }),
    ...(model && { model: isRecord(entry["model"]) ? { ...entry["model"], primary: model } : model }),
    ...(identity && { identity }),
  };
}

function entriesOf(content: ConfigContent): Entry[] {
  const { agents } = content;
  const list: unknown = isRecord(agents) ? agents["list"] : undefined;
  const entries = Array.isArray(list) ? list.filter(isEntry) : [];
  return entries.length > 0 ? entries : [{ id: mainId }];
}

const withEntries = (content: ConfigContent, list: readonly Entry[]): ConfigContent => ({
  ...content,
  agents: { ...(isRecord(content["agents"]) && content["agents"]), list },
});

/** `Helper Bot` is `helper-bot`; a name without any letter or digit is the main agent's. */
export function slugOf(name: string): string {
  const slug = name
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/^-+/g, "")
    .slice(0, 64)
    .replaceAll(/-+$/g, "");
  return slug || mainId;
}

function absolute(path: string, stateDir: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
  return isAbsolute(expanded) ? expanded : resolve(stateDir, expanded);
}

const sameId = (one: string, other: string): boolean => one.toLowerCase() === other;
const refuse = (message: string): GatewayError => new GatewayError("INVALID_REQUEST", message);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isEntry = (value: unknown): value is Entry => isRecord(value) && typeof value["id"] === "string";
