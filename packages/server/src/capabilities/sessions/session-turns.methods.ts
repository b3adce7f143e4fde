import { randomUUID } from "node:crypto";
import {
  canonicalSessionKey,
  GatewayError,
  mainSessionKey,
  type MethodGroups,
  methodGroups,
  type Params,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
  sessionKindOf,
} from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { type ModelDefaults, modelOf, toSessionEntry } from "../../conversations/session-row.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnsweredOnce } from "../../rpc/answered-once.ts";
import { type Handlers, implement, type RequestContext } from "../../rpc/handler.ts";
import { idFrom } from "../../rpc/id-from.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import { explainLabel } from "./label-in-use.ts";
import { toSearchResult } from "./search-result.ts";
import { toSettings } from "./session-patch.ts";

const defaultSearchLimit = 20;

type CreateParams = NonNullable<Params<"sessions.create">>;

export function createSessionTurns(deps: {
  conversations: Conversations;
  runtime: AgentRuntime;
  clock: Clock;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
  answeredOnce: AnsweredOnce;
  chat: Pick<Handlers<MethodGroups["chat"]>, "chat.send" | "chat.history" | "chat.abort">;
}) {
  const { conversations, runtime, clock, keys, modelDefaults, answeredOnce, chat } = deps;

  function keyOf({ key, agentId, idempotencyKey }: CreateParams, ctx: RequestContext): string {
    if (agentId !== undefined && !runtime.agents().some(({ id }) => id === agentId)) {
      throw new GatewayError("INVALID_REQUEST", `unknown agent id "${agentId}"`);
    }
    const defaults = { ...keys(), ...(agentId !== undefined && { defaultAgentId: agentId }) };
    if (key === undefined) {
      const id = idempotencyKey === undefined ? randomUUID() : idFrom(ctx.principal.id, idempotencyKey);
      return `agent:${defaults.defaultAgentId}:dashboard:${id}`.toLowerCase();
    }
    const canonical = canonicalSessionKey(key, defaults);
    const owner = parseSessionKey(canonical)?.agentId;
    if (agentId !== undefined && owner !== undefined && owner !== agentId.toLowerCase()) {
      throw new GatewayError("INVALID_REQUEST", `session key ${canonical} belongs to another agent than "${agentId}"`);
    }
    return canonical;
  }

  async function create(params: CreateParams, ctx: RequestContext): Promise<Result<"sessions.create">> {
    const { label, model, message, attachments, thinking, parentSessionKey } = params;
    const key = keyOf(params, ctx);
    const now = clock.now();
    const agentId = parseSessionKey(key)?.agentId ?? params.agentId ?? keys().defaultAgentId;
    const known = await conversations.session(key);
    const main = mainSessionKey(agentId, keys().mainKey);
    const parent = parentSessionKey === undefined ? main : canonicalSessionKey(parentSessionKey, keys());
    const origin = { parentSessionKey: parent, createdVia: "operator", spawnDepth: 0 };
    const settings = {
      ...(!known && key !== main && origin),
      ...(model !== undefined && toSettings({ model }, known, key, runtime)),
    };
    const seed = { agentId, kind: sessionKindOf(key), sessionId: randomUUID(), now };
    const reason = known ? "patch" : "create";
    const session = await explainLabel(
      label,
      conversations.upsertSession(key, seed, { settings, ...(label !== undefined && { label }) }, reason),
    );
    const { modelProvider = null, model: resolvedModel = null } = modelOf(session, modelDefaults());
    const created = {
      ok: true as const,
      key,
      sessionId: session.sessionId,
      entry: { ...toSessionEntry(session), createdAt: session.createdAt },
      resolved: { modelProvider, model: resolvedModel },
    };
    if ((message === undefined || message.trim() === "") && !attachments?.length)
      return { ...created, runStarted: false };
    const sent = await chat["chat.send"](
      {
        sessionKey: key,
        message: message ?? "",
        idempotencyKey: params.idempotencyKey ?? randomUUID(),
        ...(attachments && { attachments }),
        ...(thinking !== undefined && { thinking }),
      },
      ctx,
    );
    const { runId, status } = sent;
    const isStarted = runId !== undefined;
    return {
      ...created,
      runStarted: isStarted,
      ...(isStarted && { runId, messageSeq: session.messageCount + 1 }),
      ...(status !== undefined && { status }),
    };
  }

  return implement(methodGroups.sessionTurns, {
    "sessions.create": (params, ctx) =>
      answeredOnce({ principal: ctx.principal, method: "sessions.create", key: params.idempotencyKey }, () =>
        create(params, ctx),
      ),
    "sessions.send": ({ key, idempotencyKey = randomUUID(), ...params }, ctx) =>
      chat["chat.send"]({ ...params, sessionKey: key, idempotencyKey }, ctx),
    "sessions.abort": async ({ key, runId }, ctx) => {
      if (key === undefined && runId === undefined)
        throw new GatewayError("INVALID_REQUEST", "key or runId required: name the session or the run to stop");
      const sessionKey = key ?? (await conversations.run(runId ?? ""))?.sessionKey;
      const { runIds } =
        sessionKey === undefined
          ? { runIds: [] }
          : await chat["chat.abort"]({ sessionKey, ...(runId !== undefined && { runId }) }, ctx);
      return {
        ok: true,
        status: runIds.length > 0 ? "aborted" : "no-active-run",
        abortedRunId: runIds[0] ?? null,
        runIds,
      };
    },
    "sessions.search": async ({ query, limit = defaultSearchLimit, agentId, sessionKeys }) => {
      const words = query.split(/\s+/).filter((word) => word !== "");
      if (words.length === 0) return { results: [] };
      const found = await conversations.searchTranscripts({
        words,
        limit,
        ...(agentId !== undefined && { agentId }),
        ...(sessionKeys && { keys: sessionKeys.map((key) => canonicalSessionKey(key, keys())) }),
      });
      return { results: found.map((message) => toSearchResult(message, words)) };
    },
    "sessions.get": async ({ key, limit }, ctx) => {
      const { messages } = await chat["chat.history"]({ sessionKey: key, ...(limit !== undefined && { limit }) }, ctx);
      return { messages };
    },
  });
}
