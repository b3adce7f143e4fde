import type { AgentFile, AgentFileName, Result } from "@openclaw-gateway/protocol";
import type { Heartbeats } from "./heartbeat-patch.ts";

/** An agent as a backend wants it: its id is its own, its name is for people. */
export type AgentSpec = {
  /** Lower-case letters, digits, `-` and `_`: what a gateway makes of it must be itself. */
  agentId: string;
  name: string;
  /** A folder on the gateway's machine. */
  workspace: string;
};

export type CallOptions = { signal?: AbortSignal | undefined };

/** A message to an agent. Sent again with the same key, it is not said again. */
export type SessionMessage = {
  sessionKey: string;
  message: string;
  idempotencyKey: string;
  /** Whether the answer also goes to the session's channel. Default: false. */
  deliver?: boolean | undefined;
};

export type VersionCheck = {
  /** Undefined when the gateway does not tell a calendar version. */
  version: string | undefined;
  isSupported: boolean;
};

/**
 * What a backend does with a gateway's agents. Every call may be made again: what is there already, or gone already,
 * is no failure, and passing failures are tried again within the budget.
 */
export interface GatewayControlPlane {
  /** Adds an agent under the wanted id; one that is there already stays as it is. */
  createAgent(agent: AgentSpec, options?: CallOptions): Promise<"created" | "existed">;
  /** Sets name and workspace. `justCreated` waits for an agent that the gateway does not know yet. */
  updateAgent(agent: AgentSpec, options?: CallOptions & { justCreated?: boolean }): Promise<void>;
  /** False when there was none. */
  deleteAgent(agentId: string, options?: CallOptions & { deleteFiles?: boolean }): Promise<boolean>;
  /** False when there was none. */
  deleteSession(sessionKey: string, options?: CallOptions): Promise<boolean>;
  listAgentFiles(agentId: string, options?: CallOptions): Promise<readonly AgentFile[]>;
  /** Undefined when the file is missing. */
  getAgentFile(agentId: string, name: AgentFileName, options?: CallOptions): Promise<string | undefined>;
  /** False when this gateway has no such file. */
  setAgentFile(agentId: string, name: AgentFileName, content: string, options?: CallOptions): Promise<boolean>;
  /** `unsupported` when this gateway cannot delete files. */
  deleteAgentFile(
    agentId: string,
    name: AgentFileName,
    options?: CallOptions,
  ): Promise<"deleted" | "missing" | "unsupported">;
  /** Makes a session if it is not there. A label that another session has is left out. */
  ensureSession(
    sessionKey: string,
    options?: CallOptions & { label?: string | undefined },
  ): Promise<{ sessionId: string }>;
  /** Begins a fresh transcript under the same key. */
  resetSession(sessionKey: string, options?: CallOptions): Promise<{ sessionId: string }>;
  /** Writes heartbeats into the configuration; false, and nothing written, when they are there already. */
  patchHeartbeats(heartbeats: Heartbeats, options?: CallOptions): Promise<boolean>;
  sendMessage(message: SessionMessage, options?: CallOptions): Promise<Result<"chat.send">>;
  health(options?: CallOptions): Promise<Result<"health">>;
  /** Compares the gateway's calendar version with the oldest one that is good enough. Default: 2026.1.30. */
  checkVersion(minimum?: string, options?: CallOptions): Promise<VersionCheck>;
}
