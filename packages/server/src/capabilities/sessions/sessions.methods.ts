import { randomUUID } from "node:crypto";
import {
  canonicalSessionKey,
  GatewayError,
  mainSessionKey,
  methodGroups,
  type Params,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
  sessionKindOf,
} from "@openclaw-gateway/protocol";
import type { Audit } from "../../audit/audit.ts";
import { z } from "zod";
import type { Conversations } from "../../conversations/conversations.ts";
import { type ModelDefaults, modelOf, toSessionEntry, toSessionRow } from "../../conversations/session-row.ts";
import type { Clock } from "../../platform/clock.ts";
import { atMostOne, createCursor, notACursor } from "../../rpc/cursor.ts";
import { implement } from "../../rpc/handler.ts";
import { createPageCache } from "../../rpc/page-cache.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { SessionRemoval } from "../../turns/session-removal.ts";
import type { Turns } from "../../turns/turns.ts";
import { compactBySummary } from "./compact-session.ts";
import { explainLabel } from "./label-in-use.ts";
import { assertAsExpected } from "./as-expected.ts";
import { onlyMarks, toSettings } from "./session-patch.ts";
import { previewItems } from "./session-preview.ts";
import { resolveSession } from "./session-resolve.ts";

const defaultListLimit = 100;
const maxListLimit = 1_000;
const maxPreviewKeys = 64;
const maxCachedLists = 50;
/** Time and key of the last row of a page. */
const listCursor = createCursor("sessions.list", z.tuple([z.int(), z.string()]));

type ListParams = NonNullable<Params<"sessions.list">>;
type SessionList = Result<"sessions.list">;

export function createSessions(deps: {
  audit: Audit;
  conversations: Conversations;
  turns: Turns;
  runtime: AgentRuntime;
  clock: Clock;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
  databasePath: string;
  removal: Pick<SessionRemoval, "remove">;
}) {
  const { audit, conversations, turns, runtime, clock, keys, modelDefaults, databasePath, removal } = deps;
  const lists = createPageCache<SessionList>(maxCachedLists);
  const canonical = (key: string): string => canonicalSessionKey(key, keys());

  function list(params: ListParams): SessionList | Promise<SessionList> {
    return lists.get(
      JSON.stringify(params),
      () => conversations.listRevision,
      () => computeList(params),
    );
  }

  async function computeList(params: ListParams): Promise<SessionList> {
    const now = clock.now();
    const limit = Math.min(params.limit ?? defaultListLimit, maxListLimit);
    // One more than asked tells whether there are more.
    const { offset = 0, cursor } = params;
    atMostOne("sessions.list", { offset: params.offset, cursor });
    const before = cursor === undefined ? undefined : listCursor.read(cursor);
    if (cursor !== undefined && !before) throw notACursor("cursor", "nextCursor");
    const filter = {
      includeGlobal: params.includeGlobal ?? true,
      includeUnknown: params.includeUnknown ?? true,
      ...(params.agentId !== undefined && { agentId: params.agentId }),
      ...(params.label !== undefined && { label: params.label }),
      ...(params.search !== undefined && params.search.trim() !== "" && { search: params.search.trim() }),
      ...(params.spawnedBy !== undefined && { spawnedBy: params.spawnedBy }),
      ...(params.activeMinutes !== undefined && { updatedAfter: now - params.activeMinutes * 60_000 }),
      ...(params.archived !== "all" && { archived: params.archived ?? false }),
      ...(params.pinned !== undefined && { pinned: params.pinned }),
    };
    const found = await conversations.sessions({
      ...filter,
      limit: limit + 1,
      ...(offset > 0 && { offset }),
      ...(before && { before: { updatedAt: before[0], key: before[1] } }),
    });
    const last = found[limit - 1];
    const rows = found.slice(0, limit);
    const hasMore = found.length > limit;
    const isWhole = !hasMore && !before && (rows.length > 0 || offset === 0);
    const defaults = modelDefaults();
    const include = { title: params.includeDerivedTitles ?? false, lastMessage: params.includeLastMessage ?? false };
    return {
      ts: now,
      path: databasePath,
      count: rows.length,
      totalCount: isWhole ? offset + rows.length : await conversations.countMatching(filter),
      hasMore,
      nextOffset: hasMore && !before ? offset + rows.length : null,
      ...(hasMore && last && { nextCursor: listCursor.write([last.updatedAt, last.key]) }),
      limitApplied: limit,
      defaults,
      sessions: rows.map((session) => toSessionRow(session, defaults, include)),
    };
  }

  const seed = (key: string) => ({
    agentId: parseSessionKey(key)?.agentId ?? keys().defaultAgentId,
    kind: sessionKindOf(key),
    sessionId: randomUUID(),
    now: clock.now(),
  });

  async function preview(sentKey: string, limit: number, maxChars: number) {
    const session = await conversations.session(canonical(sentKey));
    if (!session) return { key: sentKey, status: "missing" as const, items: [] };
    // Tool results without text fall out, so a few more are read than are shown.
    const messages = await conversations.history(session.sessionId, { limit: limit * 2 });
    const items = previewItems(messages, limit, maxChars);
    return { key: sentKey, status: items.length === 0 ? ("empty" as const) : ("ok" as const), items };
  }

  async function keepLast(key: string, maxLines: number): Promise<Result<"sessions.compact">> {
    const session = await conversations.session(key);
    if (!session) return { ok: true, key, compacted: false, reason: "no sessionId" };
    if (session.messageCount === 0) return { ok: true, key, compacted: false, reason: "no transcript" };
    const cut = await conversations.compactTranscript(key, session.sessionId, maxLines, clock.now());
    if (!cut) return { ok: true, key, compacted: false, reason: "no transcript" };
    const kept = cut.session.messageCount;
    if (cut.archiveId === undefined) return { ok: true, key, compacted: false, kept };
    return { ok: true, key, compacted: true, archived: cut.archiveId, kept };
  }

  return implement(methodGroups.sessions, {
    "sessions.list": (params) => list(params),
    "sessions.preview": async ({ keys: sent, limit = 12, maxChars = 240 }) => ({
      ts: clock.now(),
      previews: await Promise.all(sent.slice(0, maxPreviewKeys).map((key) => preview(key, limit, maxChars))),
    }),
    "sessions.patch": async ({ key: sentKey, label, expectedSessionId, expectedSessionUpdatedAt, ...patch }) => {
      const key = canonical(sentKey);
      const known = await conversations.session(key);
      assertAsExpected(key, known, { expectedSessionId, expectedSessionUpdatedAt });
      const settings = toSettings(patch, known, key, runtime);
      const now = known && label === undefined && onlyMarks(patch) ? known.updatedAt : clock.now();
      const session = await explainLabel(
        label,
        conversations.upsertSession(key, { ...seed(key), now }, { settings, ...(label !== undefined && { label }) }),
      );
      const { modelProvider = null, model = null } = modelOf(session, modelDefaults());
      return { ok: true, path: databasePath, key, entry: toSessionEntry(session), resolved: { modelProvider, model } };
    },
    "sessions.reset": async ({ key: sentKey }, by) => {
      const key = canonical(sentKey);
      const fresh =
        (await conversations.resetSession(key, randomUUID(), clock.now())) ??
        (await conversations.upsertSession(key, seed(key), {}));
      await audit.record({ action: "session.reset", by, subject: key });
      return { ok: true, key, entry: { inputTokens: 0, outputTokens: 0, totalTokens: 0, ...toSessionEntry(fresh) } };
    },
    "sessions.delete": async ({ key: sentKey, deleteTranscript = true, archivedOnly, ...expectation }, by) => {
      const key = canonical(sentKey);
      const main = mainSessionKey(keys().defaultAgentId, keys().mainKey);
      if (key === main) throw new GatewayError("INVALID_REQUEST", `Cannot delete the main session (${main}).`);
      const known = await conversations.session(key);
      assertAsExpected(key, known, expectation);
      if (archivedOnly && known && known.settings["archived"] !== true)
        throw new GatewayError("INVALID_REQUEST", `archivedOnly: session ${key} is not archived`);
      const { deleted } = await removal.remove(key, deleteTranscript);
      if (deleted) await audit.record({ action: "session.deleted", by, subject: key, detail: { deleteTranscript } });
      return { ok: true, key, deleted, archived: [] };
    },
    "sessions.compact": ({ key: sentKey, maxLines, instructions }) => {
      const key = canonical(sentKey);
      return turns.betweenTurns(key, (signal) =>
        maxLines === undefined ? compactBySummary(deps, key, instructions, signal) : keepLast(key, maxLines),
      );
    },
    "sessions.subscribe": async (params, { connection }) => {
      if (connection) connection.subscriptions.sessions = true;
      return { subscribed: true, ...(Object.keys(params).length > 0 && { list: await list(params) }) };
    },
    "sessions.unsubscribe": (_params, { connection }) => {
      if (connection) connection.subscriptions.sessions = false;
      return { subscribed: false };
    },
    "sessions.messages.subscribe": ({ key: sentKey }, { connection }) => {
      const key = canonical(sentKey);
      connection?.subscriptions.messagesOf.add(key);
      return { subscribed: true, key };
    },
    "sessions.messages.unsubscribe": ({ key: sentKey }, { connection }) => {
      const key = canonical(sentKey);
      connection?.subscriptions.messagesOf.delete(key);
      return { subscribed: false, key };
    },
    "sessions.resolve": (params) => resolveSession({ conversations, keys }, params),
    "sessions.describe": async ({ key }) => {
      const session = await conversations.session(canonical(key));
      return { session: session ? toSessionRow(session, modelDefaults(), { title: true, lastMessage: true }) : null };
    },
  });
}
