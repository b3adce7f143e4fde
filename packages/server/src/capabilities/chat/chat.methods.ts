import { randomUUID } from "node:crypto";
import {
  canonicalSessionKey,
  findMethod,
  GatewayError,
  methodGroups,
  type Result,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { EventPlane } from "../../events/plane.ts";
import type { Clock } from "../../platform/clock.ts";
import { prepareAttachments } from "../../media/chat-attachments.ts";
import type { Media } from "../../media/media.ts";
import { authorize } from "../../rpc/authorize.ts";
import { type CallMethod, implement } from "../../rpc/handler.ts";
import { inOrderOf } from "../../rpc/in-order.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import { queueModeOf } from "../../turns/queue-mode.ts";
import { gatewayMessage } from "../../turns/transcript-notes.ts";
import type { Turns } from "../../turns/turns.ts";
import type { RunState, StoredRun } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import type { ModelDefaults } from "../../conversations/session-row.ts";
import { createCommandTable, describeCommands, findCommand } from "./command-table.ts";
import { createHistory } from "./history.ts";
import { createOutputs } from "./outputs.ts";
import { isStopMessage } from "./stop-words.ts";

export function createChat(deps: {
  turns: Turns;
  conversations: Conversations;
  plane: EventPlane;
  clock: Clock;
  runtime: AgentRuntime;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
  call: CallMethod;
  media: Media;
  /** Stops the sub-agents of a session. */
  stopChildren: (parentKey: string, stopReason: string) => Promise<void>;
}) {
  const { turns, conversations, plane, clock, runtime, keys, stopChildren } = deps;
  const history = createHistory(deps);
  const outputs = createOutputs(deps);
  const commands = createCommandTable(deps);
  const inTurn = inOrderOf();

  return implement(methodGroups.chat, {
    "chat.send": async (params, ctx) => {
      const { sessionKey, message, idempotencyKey: runId } = params;
      if (message.trim() === "" && (params.attachments?.length ?? 0) === 0)
        throw new GatewayError("INVALID_REQUEST", "message or attachment required");
      const key = canonicalSessionKey(sessionKey, keys());
      // Words of an agent are words: what a person may order, an agent only says.
      const isCommandable = !ctx.principal.causedByAgent;
      if (isCommandable && isStopMessage(message)) {
        const runIds = await turns.abort({ sessionKey, stopReason: "stop" });
        await stopChildren(key, "stop");
        return { ok: true, aborted: runIds.length > 0, runIds };
      }
      // A message does not overtake one whose files take time.
      const attachments = await inTurn(key, () => prepareAttachments(deps.media, params.attachments ?? []));
      const session = await conversations.session(key);
      if (session?.settings["sendPolicy"] === "deny")
        throw new GatewayError("INVALID_REQUEST", "send blocked by session policy");
      const found =
        attachments.length > 0 || params.suppressCommandInterpretation || !isCommandable
          ? undefined
          : findCommand(commands, message);
      const needed = found?.command.needs(found.argument);
      const refusal = needed && authorize(ctx.principal, needed, findMethod(needed));
      if (refusal) throw refusal;
      const startsFresh = found?.command.answer === "fresh session";
      if (found && typeof found.command.answer === "function") {
        const { answer } = found.command;
        const answered = await turns.answer({ runId, sessionKey, input: { message, source: "command" } }, () =>
          answer({ argument: found.argument, sessionKey, key, ctx }),
        );
        return answered.isNew ? { runId, status: "started" } : repeated(answered.run);
      }
      const accepted = await turns.accept({
        runId,
        sessionKey,
        principal: ctx.principal,
        input: {
          message: startsFresh ? found?.argument || greetingPrompt : message,
          source: "chat",
          queueMode: params.queueMode ?? queueModeOf(session),
          ...(startsFresh && { startsFresh }),
          ...(attachments.length > 0 && { attachments }),
          ...(params.thinking !== undefined && { thinking: params.thinking }),
          ...(params.timeoutMs !== undefined && { timeoutMs: params.timeoutMs }),
        },
        ...(ctx.connection && { connection: ctx.connection }),
      });
      return accepted.isNew ? { runId, status: "started" } : repeated(accepted.run);
    },
    "chat.history": history,
    "chat.message.get": outputs.message,
    "chat.output.get": outputs.range,
    "chat.startup": history,
    "chat.metadata": ({ agentId = runtime.defaultAgentId }) => {
      const chosen = runtime.agents().find(({ id }) => id === agentId)?.primaryModel;
      const models = runtime
        .models()
        .map((model) =>
          `${model.provider}/${model.id}` === chosen ? { ...model, tags: [...(model.tags ?? []), "default"] } : model,
        );
      return { models, commands: describeCommands(commands, true) };
    },
    "commands.list": ({ includeArgs = true }) => ({ commands: describeCommands(commands, includeArgs) }),
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
        payload: {
          runId: `inject-${messageId}`,
          sessionKey,
          agentId: session.agentId,
          seq: 0,
          state: "final",
          message: injected,
        },
        audience: { kind: "all" },
        stream: { sessionKey: key },
      });
      return { ok: true, messageId };
    },
  });
}

/** What the model is asked when a person begins anew without a message. */
const greetingPrompt =
  "A new session begins here. Greet the person in one or two sentences, in your own voice, and ask what they would like to do.";

const underway: ReadonlySet<RunState> = new Set<RunState>(["queued", "running"]);

/** The answer to a run id that was used before; which session or message came with it is not compared, as recorded. */
function repeated({ runId, state, error }: StoredRun): Result<"chat.send"> {
  if (underway.has(state)) return { runId, status: "in_flight" };
  if (state === "failed") return { runId, status: "error", ...(error !== undefined && { summary: error }) };
  return { runId, status: "ok" };
}
