import {
  type CallerContext,
  type CallerInput,
  canonicalSessionKey,
  findMethod,
  GatewayError,
  insideMethodGroups,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { CallerItem, CallerRequest } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import type { Media, MediaRequest } from "../../media/media.ts";
import { authorize } from "../../rpc/authorize.ts";
import { implement } from "../../rpc/handler.ts";
import type { Principal } from "../../rpc/principal.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { RunOutcome } from "../../turns/run-registry.ts";
import { longestWaitMs, type Turns } from "../../turns/turns.ts";
import { checkTools } from "./check-tools.ts";
import { spokenBy } from "./spoken-by.ts";
import { toldSteps } from "./told-steps.ts";

/** Turns whose caller brings tools, content and limits of its own. */
export function createCallerTurns(deps: {
  turns: Turns;
  conversations: Conversations;
  runtime: AgentRuntime;
  media: Media;
  keys: () => SessionKeyDefaults;
}) {
  const { turns, conversations, runtime, media, keys } = deps;

  async function prepare<Item extends CallerInput | CallerContext>(
    items: readonly Item[],
    request: MediaRequest,
    where: string,
  ): Promise<CallerItem[]> {
    const prepared: CallerItem[] = [];
    for (const [index, item] of items.entries()) {
      const at = `${where}[${index}]`;
      if (item.type === "message")
        prepared.push({ type: "message", content: await request.prepare(item.content, `${at}.content`) });
      else if (item.type === "result") {
        const { callId, output, isError } = item;
        const said = typeof output === "string" ? [{ type: "text" as const, text: output }] : output;
        const content = await request.prepare(said, `${at}.output`);
        prepared.push({ type: "result", callId, content, ...(isError !== undefined && { isError }) });
      } else prepared.push(item);
    }
    return prepared;
  }

  /** The model that the caller wants, when there is such a one and it is theirs to choose. */
  function chosenModel(name: string | undefined, principal: Principal): string | undefined {
    if (name === undefined) return undefined;
    const refusal = authorize(principal, "sessions.patch", findMethod("sessions.patch"));
    if (refusal) throw refusal;
    const found = runtime.findModel(name);
    if (!found) throw new GatewayError("INVALID_REQUEST", `unknown model: ${name}`, { details: { field: "model" } });
    return `${found.provider}/${found.id}`;
  }

  return implement(insideMethodGroups.callerTurns, {
    "turns.get": async ({ runId }): Promise<Result<"turns.get">> => {
      const run = await conversations.run(runId);
      const request = run?.input.request;
      if (!run || !request) return {};
      const { sessionKey, sessionId, agentId, state, stopReason, error, queuedAt, endedAt } = run;
      const stored = await conversations.messagesOfRun(runId);
      const last = stored.at(-1);
      const session = await conversations.session(sessionKey);
      const { steps, usage } = toldSteps(stored.map(({ message }) => message));
      const answer = last?.message.role === "assistant" ? last.message : undefined;
      return {
        found: {
          runId,
          sessionKey,
          agentId,
          state,
          request,
          steps,
          usage,
          createdAt: queuedAt,
          ...(sessionId !== undefined && { sessionId }),
          ...(stopReason !== undefined && { stopReason }),
          ...(error !== undefined && { error }),
          ...(answer && { model: { provider: answer.provider, id: answer.model } }),
          ...(endedAt !== undefined && { endedAt }),
          ...(last &&
            sessionId !== undefined && {
              end: {
                sessionId,
                seq: last.seq,
                // What waits there is said first.
                isLatest:
                  session?.sessionId === sessionId && session.messageCount === last.seq && !turns.isBusy(sessionKey),
              },
            }),
        },
      };
    },
    "turns.forget": async ({ runId }) => ({ isForgotten: await conversations.forgetRequest(runId) }),
    "turns.run": async (params, ctx): Promise<Result<"turns.run">> => {
      const { runId, entrance, sessionKey, input, context, instructions, tools, toolChoice, sampling, format } = params;
      const key = canonicalSessionKey(sessionKey, keys());
      const agentId = params.agentId ?? parseSessionKey(key)?.agentId ?? keys().defaultAgentId;
      const model = chosenModel(params.model, ctx.principal);
      const problem = checkTools(params, agentId, runtime.toolNames(agentId));
      if (problem) throw problem;
      const session = await conversations.session(key);
      if (session?.settings["sendPolicy"] === "deny")
        throw new GatewayError("INVALID_REQUEST", "send blocked by session policy");
      const request = media.open(entrance);
      const caller: CallerRequest = {
        input: await prepare(input, request, "input"),
        ...(context && { context: await prepare(context, request, "context") }),
        ...(params.continues && { continues: true }),
        ...(params.forkOf && { forkOf: params.forkOf }),
        ...(tools && { tools }),
        ...(toolChoice !== undefined && { toolChoice }),
        ...(params.parallelToolCalls !== undefined && { parallelToolCalls: params.parallelToolCalls }),
        ...(sampling && { sampling }),
        ...(format && { format }),
      };
      const accepted = await turns.accept({
        runId,
        sessionKey,
        agentId,
        principal: ctx.principal,
        input: {
          message: spokenBy(caller.input),
          source: "api",
          queueMode: "queue",
          caller,
          ...(params.request && { request: params.request }),
          ...(instructions !== undefined && instructions !== "" && { extraSystemPrompt: instructions }),
          ...(params.thinking !== undefined && { thinking: params.thinking }),
          ...(model !== undefined && { model }),
          ...(params.timeoutMs !== undefined && { timeoutMs: params.timeoutMs }),
        },
        onStep: ctx.progress,
      });
      const { run } = accepted;
      ctx.accept({ runId, sessionKey: run.sessionKey, agentId: run.agentId, acceptedAt: run.queuedAt });
      const outcome = accepted.isNew ? await accepted.outcome : await turns.wait(runId, longestWaitMs, ctx.signal);
      if (!outcome) throw new GatewayError("UNAVAILABLE", "nobody waits for this run any more");
      return answerOf(run, outcome);
    },
  });
}

const nothingUsed = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

function answerOf(
  { runId, sessionKey, agentId }: { runId: string; sessionKey: string; agentId: string },
  outcome: RunOutcome,
): Result<"turns.run"> {
  const { state, stopReason = state === "done" ? "stop" : state, startedAt, endedAt } = outcome;
  return {
    runId,
    sessionKey,
    agentId,
    state,
    stopReason,
    text: outcome.payloads[0]?.text ?? "",
    calls: [...(outcome.calls ?? [])],
    usage: outcome.usage ?? nothingUsed,
    endedAt,
    ...(outcome.sessionId !== undefined && { sessionId: outcome.sessionId }),
    ...(outcome.error !== undefined && { error: outcome.error, errorKind: outcome.errorKind ?? "unknown" }),
    ...(outcome.model && { model: outcome.model }),
    ...(startedAt !== undefined && { startedAt }),
  };
}
