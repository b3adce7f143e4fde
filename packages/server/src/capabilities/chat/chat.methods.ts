import { randomUUID } from "node:crypto";
import { canonicalSessionKey, GatewayError, methodGroups, type Result, type SessionKeyDefaults } from "@openclaw-gateway/protocol";
import type { EventPlane } from "../../events/plane.ts";
import type { Clock } from "../../platform/clock.ts";
import { implement } from "../../rpc/handler.ts";
import { gatewayMessage } from "../../turns/transcript-notes.ts";
import type { Turns } from "../../turns/turns.ts";
import type { RunState, StoredRun } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import type { ModelDefaults } from "../../conversations/session-row.ts";
import { checkAttachments } from "./attachments.ts";
import { createHistory } from "./history.ts";
import { isStopMessage } from "./stop-words.ts";

export function createChat(deps: {
  turns: Turns;
  conversations: Conversations;
  plane: EventPlane;
  clock: Clock;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
}) {
  const { turns, conversations, plane, clock, keys } = deps;
  const history = createHistory(deps);

  return implement(methodGroups.chat, {
    "chat.send": async (params, ctx) => {
      const { sessionKey, message, attachments = [], idempotencyKey: runId } = params;
      if (message.trim() === "" && attachments.length === 0) throw new GatewayError("INVALID_REQUEST", "message or attachment required");
      checkAttachments(attachments);
      if (isStopMessage(message)) {
        const runIds = await turns.abort({ sessionKey, stopReason: "stop" });
        return { ok: true, aborted: runIds.length > 0, runIds };
      }
      const session = await conversations.session(canonicalSessionKey(sessionKey, keys()));
      if (session?.settings["sendPolicy"] === "deny") throw new GatewayError("INVALID_REQUEST", "send blocked by session policy");
      const accepted = await turns.accept({
        runId,
        sessionKey,
        input: {
          message,
          source: "chat",
          ...(attachments.length > 0 && { attachments }),
          ...(params.thinking !== undefined && { thinking: params.thinking }),
          ...(params.timeoutMs !== undefined && { timeoutMs: params.timeoutMs }),
        },
        ...(ctx.connection && { connection: ctx.connection }),
      });
      return accepted.isNew ? { runId, status: "started" } : repeated(accepted.run);
    },
    "chat.history": ({ sessionKey, limit }) => history(sessionKey, limit),
    "chat.startup": ({ sessionKey, limit }) => history(sessionKey, limit),
    "chat.abort": async ({ sessionKey, runId }) => {
      const runIds = await turns.abort({ sessionKey, stopReason: "rpc", ...(runId !== undefined && { runId }) });
      return { ok: true, aborted: runIds.length > 0, runIds };
    },
    "chat.inject": async ({ sessionKey, message, label }) => {
      const key = canonicalSessionKey(sessionKey, keys());
      const session = await conversations.session(key);
      if (!session) throw new GatewayError("INVALID_REQUEST", "session not found");
      const messageId = randomUUID().slice(0, 8);
      const now = clock.now();
      const text = label === undefined || label === "" ? message : `[${label}]\n\n${message}`;
      const injected = gatewayMessage(text, now);
      await conversations.append(key, session.sessionId, [{ id: messageId, message: injected }], { now });
      plane.publish({
        event: "chat",
        payload: { runId: `inject-${messageId}`, sessionKey, agentId: session.agentId, seq: 0, state: "final", message: injected },
        audience: { kind: "all" },
      });
      return { ok: true, messageId };
    },
  });
}

const underway: ReadonlySet<RunState> = new Set<RunState>(["queued", "running"]);

/** The answer to a run id that was used before; which session or message came with it is not compared, as recorded. */
function repeated({ runId, state, error }: StoredRun): Result<"chat.send"> {
  if (underway.has(state)) return { runId, status: "in_flight" };
  if (state === "failed") return { runId, status: "error", ...(error !== undefined && { summary: error }) };
  return { runId, status: "ok" };
}
