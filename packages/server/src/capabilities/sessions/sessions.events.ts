import { parseSessionKey } from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { type ModelDefaults, toSessionRow } from "../../conversations/session-row.ts";
import { toWireMessage } from "../../conversations/wire-message.ts";
import type { EventPlane } from "../../events/plane.ts";
import type { Clock } from "../../platform/clock.ts";

/** Tells subscribers what changes in sessions and transcripts. */
export function publishSessionEvents(deps: {
  conversations: Conversations;
  plane: EventPlane;
  clock: Clock;
  modelDefaults: () => ModelDefaults;
}): () => void {
  const { conversations, plane, clock, modelDefaults } = deps;
  return conversations.onChange((change) => {
    const sessionKey = change.key;
    const agentId = parseSessionKey(sessionKey)?.agentId;
    switch (change.kind) {
      case "session": {
        const session = toSessionRow(change.session, modelDefaults(), { title: true, lastMessage: true });
        return plane.publish({
          event: "sessions.changed",
          payload: { sessionKey, agentId: change.session.agentId, ts: clock.now(), reason: change.reason, session },
          audience: { kind: "session-subscribers", sessionKey, includeMessageSubscribers: false },
        });
      }
      case "deleted":
        return plane.publish({
          event: "sessions.changed",
          payload: { sessionKey, agentId: change.agentId, ts: clock.now(), reason: "delete" },
          audience: { kind: "session-subscribers", sessionKey, includeMessageSubscribers: false },
        });
      case "messages":
        for (const stored of change.messages) {
          plane.publish({
            event: "session.message",
            payload: {
              sessionKey,
              ...(agentId !== undefined && { agentId }),
              message: toWireMessage(stored),
              messageId: stored.id,
              messageSeq: stored.seq,
            },
            audience: { kind: "session-subscribers", sessionKey, includeMessageSubscribers: true },
            stream: { sessionKey, ...(stored.runId !== undefined && { runId: stored.runId }) },
          });
        }
        return;
      default:
        return change satisfies never;
    }
  });
}
