import {
  canonicalSessionKey,
  GatewayError,
  mainSessionKey,
  methodGroups,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
  sessionKindOf,
} from "@openclaw-gateway/protocol";
import { isChannelName } from "../../channels/channel-names.ts";
import type { Clock } from "../../platform/clock.ts";
import { prepareAttachments } from "../../media/chat-attachments.ts";
import type { Media } from "../../media/media.ts";
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
  media: Media;
}) {
  const { turns, conversations, runtime, clock, keys } = deps;

  const refuse = (text: string) => new GatewayError("INVALID_REQUEST", `invalid agent params: ${text}`);

  function checkChannels(...names: (string | undefined)[]): void {
    const unknown = names
      .map((name) => name?.trim().toLowerCase() ?? "")
      .find((name) => name !== "" && !isChannelName(name));
    if (unknown !== undefined) throw refuse(`unknown channel: ${unknown}`);
  }

  /** A session that somebody else gave an id to; it gets a key that says so. */
  async function startSession(sessionId: string, agentId: string): Promise<string> {
    if (!isSessionId(sessionId)) throw refuse("sessionId must be letters, digits, dots, dashes and underscores");
    if (await conversations.isDiscarded(sessionId)) {
      throw new GatewayError("UNAVAILABLE", `Session ${sessionId} is still being deleted; try again in a moment.`, {
        retryable: true,
        retryAfterMs: 1_000,
      });
    }
    const key = `agent:${agentId}:explicit:${sessionId}`.toLowerCase();
    const seed = { agentId, kind: sessionKindOf(key), sessionId, now: clock.now() };
    await conversations.upsertSession(key, seed, {}, "create");
    return key;
  }

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
      return startSession(sessionId, agentId ?? keys().defaultAgentId);
    }
    if (agentId !== undefined) return mainSessionKey(agentId, keys().mainKey);
    if (to) return keys().mainKey;
    return undefined;
  }

  return implement(methodGroups.agent, {
    agent: async (params, ctx): Promise<Result<"agent">> => {
      const runId = params.idempotencyKey;
      const acceptedAt = clock.now();
      checkChannels(params.channel, params.replyChannel);
      const attachments = params.attachments && (await prepareAttachments(deps.media, params.attachments));
      const sessionKey = await target(params);
      // Recorded: these are found out after the acceptance.
      const problem =
        sessionKey === undefined
          ? "Pass --to <E.164>, --session-id, or --agent to choose a session"
          : explainThinking(params.thinking);
      if (sessionKey === undefined || problem !== undefined) {
        ctx.accept({ runId, status: "accepted", acceptedAt });
        throw failedWith(runId, `Error: ${problem}`);
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
          ...(attachments && { attachments }),
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
      const answer = finished(runId, await accepted.outcome);
      const channel = params.deliver ? params.channel?.trim().toLowerCase() : undefined;
      // No channel is connected; the answer is in the session.
      if (channel && channel !== "webchat" && channel !== "last")
        throw failedWith(runId, `Error: Unknown channel: ${channel}`);
      return answer;
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

const failedWith = (runId: string, summary: string): GatewayError =>
  new GatewayError("UNAVAILABLE", summary, { payload: { runId, status: "error", summary } });

const thinkingLevels = ["off", "minimal", "low", "medium", "high"];
/** Works without being advertised; recorded. */
const hiddenLevels = ["xhigh"];

function explainThinking(level: string | undefined): string | undefined {
  const wanted = level?.trim().toLowerCase() ?? "";
  if (wanted === "" || [...thinkingLevels, ...hiddenLevels].includes(wanted)) return undefined;
  return `Invalid thinking level. Use one of: ${thinkingLevels.join(", ")}.`;
}

/** Ids become part of keys, and archives of transcripts are named after them. */
const isSessionId = (id: string): boolean => /^[a-z0-9][a-z0-9._-]{0,127}$/i.test(id) && !id.includes(".bak.");

/** Members of value zero are left out; recorded. */
const toAgentUsage = ({ input, output, cacheRead, cacheWrite }: NonNullable<RunOutcome["usage"]>) => ({
  input,
  output,
  ...(cacheRead > 0 && { cacheRead }),
  ...(cacheWrite > 0 && { cacheWrite }),
  total: input + output + cacheRead + cacheWrite,
});

function finished(runId: string, outcome: RunOutcome): Result<"agent"> {
  if (outcome.state === "failed") {
    throw failedWith(runId, outcome.error ?? "the run failed");
  }
  const { startedAt, endedAt, sessionId, model, usage } = outcome;
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
          ...(usage && { usage: toAgentUsage(usage) }),
        },
      },
    },
  };
}
