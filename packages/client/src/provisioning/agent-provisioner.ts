import { createHash } from "node:crypto";
import { type AgentFileName, mainSessionKey, type Result } from "@openclaw-gateway/protocol";
import { type Clock, systemClock } from "../core/index.ts";
import { pause } from "../retry/retry.ts";
import type { AgentSpec, CallOptions, GatewayControlPlane } from "./control-plane.ts";
import { type SyncedFile, syncFiles } from "./file-sync.ts";
import type { Heartbeat } from "./heartbeat-patch.ts";
import { type AgentTemplates, type RenderedFile, renderTemplates } from "./templates.ts";

/** How an agent shall be. Applied twice, it changes nothing the second time. */
export type AgentLifecycle = AgentSpec & {
  /** `update` keeps the files in `preserve`; `provision` writes all of them. */
  action: "provision" | "update";
  /** Default: the agent's main session, `agent:<agentId>:main`. */
  sessionKey?: string | undefined;
  /** What the session is called in lists. */
  label?: string | undefined;
  templates: AgentTemplates;
  /** What templates may name. */
  variables: Readonly<Record<string, unknown>>;
  /** Leads get `BOOTSTRAP.md`, a first conversation; for others its template is left out. Default: false. */
  isLead?: boolean | undefined;
  /** Files that an update leaves to the agent. Default: `USER.md` and `MEMORY.md`. */
  preserve?: readonly AgentFileName[] | undefined;
  /** Writes the files in `preserve`, too. Default: false. */
  overwrite?: boolean | undefined;
  /** Deletes files that have no template, where the gateway can. Default: false. */
  removeStale?: boolean | undefined;
  /** `null` takes it away; the configuration is not touched when it is left out. */
  heartbeat?: Heartbeat | null | undefined;
  /** Begins a fresh transcript before the agent is woken. Default: false. */
  resetSession?: boolean | undefined;
  /** What the agent is told in the end; left out, it is not woken. */
  wake?: WakeMessage | undefined;
};

export type WakeMessage = {
  message: string;
  deliver?: boolean | undefined;
  /** Default: one that follows from agent, session, message and files, so that the same state wakes once. */
  idempotencyKey?: string | undefined;
};

/** One step that is done. */
export type ProvisioningProgress =
  | { step: "agent"; agentId: string; outcome: "created" | "updated" }
  | { step: "heartbeat"; outcome: "written" | "unchanged" }
  | ({ step: "file" } & SyncedFile)
  | { step: "session"; sessionKey: string; sessionId: string; isReset: boolean }
  | { step: "wake"; answer: Result<"chat.send"> };

export type ProvisioningResult = {
  agentId: string;
  sessionKey: string;
  isCreated: boolean;
  isHeartbeatWritten: boolean;
  files: readonly SyncedFile[];
  /** Undefined when the agent was not to be woken. */
  wake: Result<"chat.send"> | undefined;
};

export type ProvisioningOptions = CallOptions & { onProgress?: ((progress: ProvisioningProgress) => void) | undefined };

export interface AgentProvisioner {
  /**
   * Creates or updates an agent, brings its files up to date and wakes it. Templates are rendered before anything is
   * changed. What fails half-way is finished by the same call made again.
   */
  applyAgentLifecycle(lifecycle: AgentLifecycle, options?: ProvisioningOptions): Promise<ProvisioningResult>;
  /** Deletes an agent and its sessions, by default its main one. What is gone already is no failure. */
  removeAgent(
    agent: { agentId: string; sessionKeys?: readonly string[]; deleteFiles?: boolean },
    options?: CallOptions,
  ): Promise<{ isAgentDeleted: boolean; deletedSessions: readonly string[] }>;
}

export type AgentProvisionerOptions = {
  controlPlane: GatewayControlPlane;
  /** Between creating an agent and the next call, for gateways that restart on it. Default: 750 ms. */
  settleMs?: number | undefined;
  clock?: Clock | undefined;
};

const agentsOwnFiles: readonly AgentFileName[] = ["USER.md", "MEMORY.md"];

/** Provisions agents through a control plane. */
export function createAgentProvisioner({
  controlPlane,
  settleMs = 750,
  clock = systemClock,
}: AgentProvisionerOptions): AgentProvisioner {
  async function applyAgentLifecycle(
    lifecycle: AgentLifecycle,
    { signal, onProgress = () => {} }: ProvisioningOptions = {},
  ): Promise<ProvisioningResult> {
    const { agentId, heartbeat, resetSession = false, overwrite = false, removeStale = false } = lifecycle;
    const { preserve = agentsOwnFiles, label } = lifecycle;
    const sessionKey = lifecycle.sessionKey ?? mainSessionKey(agentId, "main");
    const files = renderTemplates(templatesOf(lifecycle), lifecycle.variables);

    const isCreated = (await controlPlane.createAgent(lifecycle, { signal })) === "created";
    if (isCreated) await pause(settleMs, { clock, signal });
    await controlPlane.updateAgent(lifecycle, { signal, justCreated: true });
    onProgress({ step: "agent", agentId, outcome: isCreated ? "created" : "updated" });

    const isHeartbeatWritten =
      heartbeat !== undefined && (await controlPlane.patchHeartbeats({ [agentId]: heartbeat }, { signal }));
    if (heartbeat !== undefined) {
      onProgress({ step: "heartbeat", outcome: isHeartbeatWritten ? "written" : "unchanged" });
    }

    const isKeeping = lifecycle.action === "update" && !overwrite;
    const synced = await syncFiles(
      controlPlane,
      { agentId, files, preserve: new Set(isKeeping ? preserve : []), removeStale },
      { signal, onFile: (file) => onProgress({ step: "file", ...file }) },
    );

    const reset = resetSession ? await controlPlane.resetSession(sessionKey, { signal }) : undefined;
    const { sessionId } = await controlPlane.ensureSession(sessionKey, { signal, label });
    onProgress({ step: "session", sessionKey, sessionId, isReset: reset !== undefined });

    const result = { agentId, sessionKey, isCreated, isHeartbeatWritten, files: synced };
    if (!lifecycle.wake) return { ...result, wake: undefined };
    const { message, deliver } = lifecycle.wake;
    const idempotencyKey =
      lifecycle.wake.idempotencyKey ?? wakeKey({ sessionKey, resetTo: reset?.sessionId, message, files });
    const wake = await controlPlane.sendMessage({ sessionKey, message, deliver, idempotencyKey }, { signal });
    onProgress({ step: "wake", answer: wake });
    return { ...result, wake };
  }

  return {
    applyAgentLifecycle,
    removeAgent: async (
      { agentId, sessionKeys = [mainSessionKey(agentId, "main")], deleteFiles = true },
      options = {},
    ) => {
      const isAgentDeleted = await controlPlane.deleteAgent(agentId, { ...options, deleteFiles });
      const deletedSessions: string[] = [];
      for (const key of sessionKeys) if (await controlPlane.deleteSession(key, options)) deletedSessions.push(key);
      return { isAgentDeleted, deletedSessions };
    },
  };
}

function templatesOf({ templates, isLead = false }: AgentLifecycle): AgentTemplates {
  if (isLead) return templates;
  const { "BOOTSTRAP.md": _, ...others } = templates;
  return others;
}

/** The same agent with the same files is woken once; a fresh transcript knows of nothing and is woken again. */
function wakeKey(state: {
  sessionKey: string;
  resetTo: string | undefined;
  message: string;
  files: readonly RenderedFile[];
}): string {
  return `provision-${createHash("sha256").update(JSON.stringify(state)).digest("hex").slice(0, 32)}`;
}
