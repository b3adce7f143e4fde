import { GatewayError, type Result } from "@openclaw-gateway/protocol";
import type { Clock } from "../../core/index.ts";
import { type Conversations, defaultAgentId, mockModel } from "../conversations.ts";
import type { MockHandlers, Parsed } from "../handlers.ts";
import type { Random } from "../random.ts";
import type { MockRun, StartTurn, Turns } from "../turns.ts";

const refuse = (message: string): GatewayError => new GatewayError("INVALID_REQUEST", message);
const defaultHistory = 200;
const defaultWaitMs = 30_000;
/** Longer than any simulated turn; timers of the platform take no more. */
const longestWaitMs = 2 ** 31 - 1;

export type ChatDeps = {
  clock: Clock;
  random: Random;
  conversations: Conversations;
  turns: Turns;
  requireAgent(id: string): void;
};

type Send = { key: string; message: string; runId: string } & Pick<StartTurn, "attachments">;

export function chatMethods({ clock, random, conversations, turns, requireAgent }: ChatDeps) {
  function send({ key, message, runId, attachments }: Send): Result<"chat.send"> {
    const repeated = turns.find(runId);
    if (repeated) return { runId, status: isOver(repeated) ? "ok" : "in_flight" };
    if (message.trim() === "" && (attachments ?? []).length === 0) throw refuse("message or attachment required");
    turns.start({ session: conversations.open(key), runId, message, attachments });
    return { runId, status: "started" };
  }

  /** `nextOffset` and the cursors count from the newest message. */
  function history(params: Parsed<"chat.history">): Result<"chat.history"> {
    const { sessionKey, limit = defaultHistory, messageId } = params;
    const session = conversations.find(sessionKey);
    const isPast = params.sessionId !== undefined && params.sessionId !== session?.sessionId;
    const all = isPast ? [] : (session?.messages ?? []);
    const place = (id: string): number => {
      const index = all.findIndex((each) => each.id === id);
      if (index === -1) throw refuse(`no such message: ${id}`);
      return index;
    };
    let end = all.length - (params.offset ?? 0);
    if (params.before !== undefined) end = place(params.before);
    if (params.after !== undefined) end = Math.min(all.length, place(params.after) + 1 + limit);
    if (messageId !== undefined) end = Math.min(all.length, place(messageId) + 1 + Math.floor(limit / 2));
    const start = Math.max(params.after === undefined ? 0 : place(params.after) + 1, end - limit, 0);
    const page = all.slice(start, Math.max(start, end));
    const [first, last] = [page[0], page.at(-1)];
    return {
      sessionKey,
      ...(session ? { sessionId: session.sessionId } : {}),
      messages: page.map(({ message }) => message),
      hasMore: start > 0,
      totalMessages: all.length,
      ...(start > 0 ? { nextOffset: all.length - start } : {}),
      ...(start > 0 && first ? { olderCursor: first.id } : {}),
      ...(last && start + page.length < all.length ? { newerCursor: last.id } : {}),
    };
  }

  function abort({ sessionKey, runId }: { sessionKey: string; runId?: string | undefined }): Result<"chat.abort"> {
    const session = conversations.find(sessionKey);
    const runIds = session ? turns.abort(session, runId) : [];
    return { ok: true, aborted: runIds.length > 0, runIds };
  }

  function keyOf({ sessionKey, sessionId, agentId = defaultAgentId }: Parsed<"agent">): string {
    if (sessionKey) return sessionKey;
    if (sessionId) {
      return conversations.all().find((each) => each.sessionId === sessionId)?.key ?? `agent:${agentId}:${sessionId}`;
    }
    return `agent:${agentId}:main`;
  }

  return {
    "chat.send": ({ sessionKey, message, idempotencyKey, attachments }) =>
      send({ key: sessionKey, message, runId: idempotencyKey, attachments }),
    "sessions.send": ({ key, message, idempotencyKey, attachments }) =>
      send({ key, message, runId: idempotencyKey ?? random.id(), attachments }),
    sessions_send: ({ sessionKey, message, idempotencyKey, attachments }) =>
      send({ key: sessionKey, message, runId: idempotencyKey ?? random.id(), attachments }),
    "chat.history": history,
    "chat.startup": history,
    sessions_history: history,
    "chat.message.get": ({ sessionKey, messageId }) => {
      const found = conversations.find(sessionKey)?.messages.find(({ id }) => id === messageId);
      return found ? { ok: true, message: found.message } : { ok: false, unavailableReason: "not_found" };
    },
    "chat.abort": abort,
    sessions_kill: (params) => {
      const children = conversations
        .all()
        .filter(({ parentKey }) => parentKey === conversations.canonical(params.sessionKey));
      for (const child of children) turns.abort(child);
      return abort(params);
    },
    "sessions.abort": ({ key, runId }) => {
      if (key === undefined && runId === undefined) throw refuse("key or runId required");
      const session = key === undefined ? undefined : conversations.find(key);
      const one = runId !== undefined && key === undefined && turns.abortRun(runId) ? [runId] : [];
      const runIds = session ? turns.abort(session, runId) : one;
      const [first = null] = runIds;
      return { ok: true, status: first === null ? "no-active-run" : "aborted", abortedRunId: first, runIds };
    },
    "chat.inject": ({ sessionKey, message, label }) => {
      const session = conversations.find(sessionKey);
      if (session === undefined) throw refuse("session not found");
      const text = label === undefined ? message : `[${label}]\n\n${message}`;
      const messageId = conversations.append(session, {
        role: "assistant",
        content: [{ type: "text", text }],
        api: mockModel.modelProvider,
        provider: "openclaw",
        model: "gateway-injected",
        usage: noUsage,
        stopReason: "stop",
        timestamp: clock.now(),
      });
      return { ok: true, messageId };
    },
    agent: async (params, { accept }) => {
      const { message, idempotencyKey: runId, attachments, agentId } = params;
      if (agentId !== undefined) requireAgent(agentId);
      const repeated = turns.find(runId);
      if (repeated && !isOver(repeated)) return { runId, status: "in_flight" };
      const run = repeated ?? turns.start({ session: conversations.open(keyOf(params)), runId, message, attachments });
      const { key: sessionKey } = run.session;
      accept({ runId, status: "accepted", acceptedAt: clock.now(), sessionKey, agentId: run.session.agentId });
      await run.ended;
      if (run.state === "failed") {
        const summary = run.error ?? "the run failed";
        throw new GatewayError("UNAVAILABLE", summary, { payload: { runId, status: "error", summary } });
      }
      const durationMs = (run.endedAtMs ?? 0) - (run.startedAtMs ?? run.endedAtMs ?? 0);
      return {
        runId,
        status: "ok",
        summary: run.state === "aborted" ? "aborted" : "completed",
        result: {
          payloads: run.text === "" ? [] : [{ text: run.text, mediaUrl: null }],
          meta: { durationMs, aborted: run.state === "aborted" },
        },
      };
    },
    "agent.wait": async ({ runId, timeoutMs = defaultWaitMs }) => {
      const run = turns.find(runId);
      if (run) await turns.wait(run, Math.min(timeoutMs, longestWaitMs));
      if (!run || !isOver(run)) return { runId, status: "timeout" };
      const { startedAtMs, endedAtMs, error } = run;
      return {
        runId,
        status: run.state === "failed" ? "error" : "ok",
        ...(startedAtMs === undefined ? {} : { startedAt: startedAtMs }),
        ...(endedAtMs === undefined ? {} : { endedAt: endedAtMs }),
        ...(error === undefined ? {} : { error }),
      };
    },
  } satisfies MockHandlers;
}

const isOver = ({ state }: MockRun): boolean => state !== "queued" && state !== "running";

const noUsage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
};
