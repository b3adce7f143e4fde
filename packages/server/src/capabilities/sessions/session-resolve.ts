import {
  canonicalSessionKey,
  GatewayError,
  type Params,
  type Result,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { StoredSession } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";

type ResolveParams = NonNullable<Params<"sessions.resolve">>;

/** Finds a session by exactly one of key, session id and label. */
export async function resolveSession(
  { conversations, keys }: { conversations: Conversations; keys: () => SessionKeyDefaults },
  params: ResolveParams,
): Promise<Result<"sessions.resolve">> {
  const { key, sessionId, label } = params;
  const given = [key, sessionId, label].filter((name) => name !== undefined && name.trim() !== "");
  if (given.length === 0) throw new GatewayError("INVALID_REQUEST", "Either key, sessionId, or label is required");
  if (given.length > 1)
    throw new GatewayError("INVALID_REQUEST", "Provide either key, sessionId, or label (not multiple)");
  const found = await find();
  if (found && fits(found, params)) return { ok: true, key: found.key, agentId: found.agentId };
  if (params.allowMissing) return { ok: false };
  throw new GatewayError(
    "INVALID_REQUEST",
    label === undefined ? `No session found: ${given[0]}` : `No session found with label: ${label}`,
  );

  async function find(): Promise<StoredSession | undefined> {
    if (key !== undefined) return conversations.session(canonicalSessionKey(key, keys()));
    if (sessionId !== undefined) return conversations.sessionById(sessionId);
    const [labelled] = await conversations.sessions({ limit: 1, ...(label !== undefined && { label }) });
    return labelled;
  }
}

function fits({ agentId, kind, settings }: StoredSession, params: ResolveParams): boolean {
  if (params.agentId !== undefined && agentId !== params.agentId) return false;
  if (params.spawnedBy !== undefined && settings["spawnedBy"] !== params.spawnedBy) return false;
  return (
    !(kind === "global" && params.includeGlobal === false) && !(kind === "unknown" && params.includeUnknown === false)
  );
}
