import type { StoredSession } from "../conversations/conversation-store.ts";

/**
 * What becomes of a message that meets a busy session. `queue`: a turn of its own, later. `collect`: one turn with the
 * others that wait so. `steer`: handed to the running turn at its next model call. `interrupt`: the running turn stops.
 */
export const queueModes = ["queue", "collect", "steer", "interrupt"] as const;
export type QueueMode = (typeof queueModes)[number];

const known: ReadonlySet<string> = new Set(queueModes);

export const isQueueMode = (value: unknown): value is QueueMode => typeof value === "string" && known.has(value);

/** What a session is set to; each message waits its turn when it is set to nothing. */
export function queueModeOf(session: StoredSession | undefined): QueueMode {
  const mode = session?.settings["queueMode"];
  return isQueueMode(mode) ? mode : "queue";
}
