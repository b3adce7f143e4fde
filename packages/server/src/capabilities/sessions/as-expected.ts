import { GatewayError } from "@openclaw-gateway/protocol";
import type { StoredSession } from "../../conversations/conversation-store.ts";

export type Expectation = { expectedSessionId?: string | undefined; expectedSessionUpdatedAt?: number | undefined };

/** Refuses what was decided about a session that has since been reset, deleted or changed. */
export function assertAsExpected(key: string, session: StoredSession | undefined, expected: Expectation): void {
  const { expectedSessionId: id, expectedSessionUpdatedAt: at } = expected;
  const differs =
    id !== undefined && session?.sessionId !== id
      ? "expectedSessionId"
      : at !== undefined && session?.updatedAt !== at
        ? "expectedSessionUpdatedAt"
        : undefined;
  if (differs === undefined) return;
  throw new GatewayError("INVALID_REQUEST", `${differs}: session ${key} has changed; read it again and retry`, {
    details: { reason: "session-changed", key, ...(session && { sessionId: session.sessionId }) },
  });
}
