import {
  canonicalSessionKey,
  GatewayError,
  mainSessionKey,
  methodGroups,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../../platform/clock.ts";
import { implement } from "../../rpc/handler.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { RunOutcome } from "../../turns/run-registry.ts";
import { longestWaitMs, type Turns } from "../../turns/turns.ts";
import type { Conversations } from "../../conversations/conversations.ts";

const defaultWaitMs = 30_000;

export function createAgent(deps: {
  turns: Turns;
  conversations: Conversations;
  runtime: AgentRuntime;
  clock: Clock;
  keys: () => SessionKeyDefaults;
}) {
  const { turns, conversations, runtime, clock, keys } = deps;

  /** Which session a run belongs to: named by key, by id, or the main session of an agent. */
  async function target({
    sessionKey,
    sessionId,
    agentId,
    to,
  }: {
    sessionKey?: string | undefined;
    sessionId?: string | undefined;
    agentId?: string | undefined;
    to?: string | undefined;
  }) {
    const refuse = (text: string) => new GatewayError("INVALID_REQUEST", `invalid agent params: ${text}`);
    if (agentId !== undefined && !runtime.agents().some(({ id }) => id === agentId))
      throw refuse(`unknown agent id "${agentId}"`);
    if (sessionKey) {
      const owner = parseSessionKey(canonicalSessionKey(sessionKey, keys()))?.agentId;
      if (agentId !== undefined && owner !== undefined && owner !== agentId) {
        throw refuse(`agent "${agentId}" does not match session key agent "${owner}"`);
      }
      return sessionKey;
    }
    if (sessionId) {
      const session = await conversations.sessionById(sessionId);
      if (session) return session.key;
      throw new GatewayError("INVALID_REQUEST", `No session found: ${sessionId}`);
    }
    if (agentId !== undefined) return mainSessionKey(agentId, keys().mainKey);
    if (to) return keys().mainKey;
    return undefined;
  }

  return implement(methodGroups.agent, {
    agent: async (params, ctx): Promise<Result<"agent">> => {
      const runId = params.idempotencyKey;
      const acceptedAt = clock.now();
      const sessionKey = await target(params);
      if (sessionKey === undefined) {
        ctx.accept({ runId, status: "accepted", acceptedAt });
        const summary = "Error: Pass --to <E.164>, --session-id, or --agent to choose a session";
        throw new GatewayError("UNAVAILABLE", summary, { payload: { runId, status: "error", summary } });
      }
      const session = await conversations.session(canonicalSessionKey(sessionKey, keys()));
      if (session?.settings["sendPolicy"] === "deny")
        throw new GatewayError("INVALID_REQUEST", "send blocked by session policy");
      const accepted = await turns.accept({
        runId,
        sessionKey,
        principal: ctx.principal,
        ...(params.agentId !== undefined && { agentId: params.agentId }),
        input: {
          message: params.message,
          source: "agent",
          ...(params.attachments && { attachments: params.attachments }),
          ...(params.thinking !== undefined && { thinking: params.thinking }),
          ...(params.timeout && { timeoutMs: params.timeout * 1000 }),
          ...(params.extraSystemPrompt !== undefined && { extraSystemPrompt: params.extraSystemPrompt }),
        },
        ...(ctx.connection && { connection: ctx.connection }),
      });
      const { agentId } = accepted.run;
      // A repeated key gets the stage the run is in: still `accepted`, or its end.
      if (!accepted.isNew) {
        const ended = await turns.wait(runId, 0, ctx.signal);
        if (!ended) return { runId, status: "accepted", acceptedAt: accepted.run.queuedAt, sessionKey, agentId };
        return finished(runId, ended);
      }
      ctx.accept({ runId, status: "accepted", acceptedAt, sessionKey: accepted.run.sessionKey, agentId });
      return finished(runId, await accepted.outcome);
    },
    "agent.wait": async ({ runId, timeoutMs = defaultWaitMs }, ctx) => {
      const outcome = await turns.wait(runId, Math.min(timeoutMs, longestWaitMs), ctx.signal);
      if (!outcome) return { runId, status: "timeout" };
      return {
        runId,
        status: outcome.state === "failed" ? "error" : "ok",
        ...(outcome.startedAt !== undefined && { startedAt: outcome.startedAt }),
        endedAt: outcome.endedAt,
        ...(outcome.error !== undefined && { error: outcome.error }),
      };
    },
  });
}

function finished(runId: string, outcome: RunOutcome): Result<"agent"> {
  if (outcome.state === "failed") {
    const summary = outcome.error ?? "the run failed";
    throw new GatewayError("UNAVAILABLE", summary, { payload: { runId, status: "error", summary } });
  }
  const { startedAt, endedAt, sessionId, model } = outcome;
  return {
    runId,
    status: "ok",
    summary: outcome.state === "done" ? "completed" : outcome.state,
    result: {
      payloads: outcome.payloads,
      meta: {
        durationMs: endedAt - (startedAt ?? endedAt),
        aborted: outcome.state !== "done",
        agentMeta: {
          ...(sessionId !== undefined && { sessionId }),
          ...(model && { provider: model.provider, model: model.id }),
        },
      },
    },
  };
}
