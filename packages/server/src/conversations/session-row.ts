import { isSubagentKey, type SessionEntry, type SessionRow } from "@openclaw-gateway/protocol";
import type { StoredSession } from "./conversation-store.ts";

export type ModelDefaults = { modelProvider: string | null; model: string | null; contextTokens: number | null };

/** What a list shows of a session. Settings a client patched lie flat in the row, as recorded. */
export function toSessionRow(
  session: StoredSession,
  defaults: ModelDefaults,
  include: { title?: boolean; lastMessage?: boolean } = {},
): SessionRow {
  const kind = session.kind as SessionRow["kind"];
  return {
    ...session.settings,
    key: session.key,
    kind,
    agentId: session.agentId,
    ...(session.label !== undefined && { label: session.label }),
    ...(include.title && session.derivedTitle !== undefined && { derivedTitle: session.derivedTitle }),
    ...(include.lastMessage &&
      session.lastMessagePreview !== undefined && { lastMessagePreview: session.lastMessagePreview }),
    chatType: kind === "group" ? "group" : "direct",
    updatedAt: session.updatedAt,
    sessionId: session.sessionId,
    systemSent: session.systemSent,
    abortedLastRun: session.abortedLastRun,
    ...(session.inputTokens !== undefined && { inputTokens: session.inputTokens }),
    ...(session.outputTokens !== undefined && { outputTokens: session.outputTokens }),
    ...(session.totalTokens !== undefined && { totalTokens: session.totalTokens }),
    compactionCount: session.compactionCount,
    sessionStartedAt: session.sessionStartedAt,
    lastInteractionAt: session.lastInteractionAt,
    ...modelOf(session, defaults),
    ...(defaults.contextTokens !== null && { contextTokens: defaults.contextTokens }),
  };
}

/** The stored entry, as `sessions.patch` and `sessions.reset` answer it. */
export function toSessionEntry(session: StoredSession): SessionEntry {
  return {
    ...session.settings,
    sessionId: session.sessionId,
    updatedAt: session.updatedAt,
    systemSent: session.systemSent,
    abortedLastRun: session.abortedLastRun,
    ...(session.label !== undefined && { label: session.label }),
    ...(session.inputTokens !== undefined && { inputTokens: session.inputTokens }),
    ...(session.outputTokens !== undefined && { outputTokens: session.outputTokens }),
    ...(session.totalTokens !== undefined && { totalTokens: session.totalTokens }),
    compactionCount: session.compactionCount,
    sessionStartedAt: session.sessionStartedAt,
    lastInteractionAt: session.lastInteractionAt,
    ...(session.model !== undefined && { model: session.model }),
    ...(session.modelProvider !== undefined && { modelProvider: session.modelProvider }),
  };
}

/** How many spawns lie between a session and one that a person began. */
export function spawnDepthOf(key: string, session: Pick<StoredSession, "settings"> | undefined): number {
  const depth = session?.settings["spawnDepth"];
  if (typeof depth === "number") return depth;
  return isSubagentKey(key) ? 1 : 0;
}

/** The model the next turn of a session will use: its own choice, else the agent's. */
export function modelOf(session: StoredSession, defaults: ModelDefaults): { modelProvider?: string; model?: string } {
  const { modelOverride, providerOverride } = session.settings;
  const model = typeof modelOverride === "string" ? modelOverride : defaults.model;
  const modelProvider = typeof providerOverride === "string" ? providerOverride : defaults.modelProvider;
  return { ...(modelProvider !== null && { modelProvider }), ...(model !== null && { model }) };
}

/** `provider/id` that a session asks for, or undefined when it leaves the choice to its agent. */
export function chosenModel(session: StoredSession): string | undefined {
  const { modelOverride, providerOverride } = session.settings;
  return typeof modelOverride === "string" && typeof providerOverride === "string"
    ? `${providerOverride}/${modelOverride}`
    : undefined;
}
