import { randomUUID } from "node:crypto";
import { parseSessionKey, sessionKindOf } from "@openclaw-gateway/protocol";
import type { StoredSession } from "../conversations/conversation-store.ts";
import type { TurnDeps } from "./turns.ts";

/** What a person chose with chat commands lasts as long as the session; recorded. */
const chosen = [
  "thinkingLevel",
  "verboseLevel",
  "reasoningLevel",
  "responseUsage",
  "modelOverride",
  "providerOverride",
  "queueMode",
];

/** The session as a new one under the same key. */
export async function emptySession(
  { conversations, clock, keys }: Pick<TurnDeps, "conversations" | "clock" | "keys">,
  key: string,
): Promise<StoredSession | undefined> {
  const now = clock.now();
  const fresh = await conversations.resetSession(key, randomUUID(), now);
  if (!fresh || !chosen.some((name) => name in fresh.settings)) return fresh;
  const seed = {
    agentId: parseSessionKey(key)?.agentId ?? keys().defaultAgentId,
    kind: sessionKindOf(key),
    sessionId: fresh.sessionId,
    now,
  };
  return conversations.upsertSession(key, seed, { settings: Object.fromEntries(chosen.map((name) => [name, null])) });
}
