import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";

const text = z.string().min(1);
// Aborting checks: a union then reports what every branch says, as recorded.
const settingText = z.string().min(1, { abort: true });
const label = z.string().min(1, { abort: true }).max(64, { abort: true });

const DeliveryContext = z.looseObject({ channel: z.string().optional(), to: z.string().optional() });

/** One row of `sessions.list`. Times are milliseconds since the epoch; `totalTokens` is the size of the last context. */
export const SessionRow = z.looseObject({
  key: z.string(),
  kind: z.enum(["direct", "group", "global", "unknown"]),
  agentId: z.string().optional(),
  label: z.string().optional(),
  displayName: z.string().optional(),
  derivedTitle: z.string().optional(),
  lastMessagePreview: z.string().optional(),
  chatType: z.string().optional(),
  origin: z.looseObject({}).optional(),
  updatedAt: z.int(),
  sessionId: z.string(),
  systemSent: z.boolean().optional(),
  abortedLastRun: z.boolean().optional(),
  thinkingLevel: z.string().optional(),
  verboseLevel: z.string().optional(),
  reasoningLevel: z.string().optional(),
  elevatedLevel: z.string().optional(),
  sendPolicy: z.string().optional(),
  responseUsage: z.string().optional(),
  inputTokens: z.int().optional(),
  outputTokens: z.int().optional(),
  totalTokens: z.int().optional(),
  modelProvider: z.string().optional(),
  model: z.string().optional(),
  contextTokens: z.int().optional(),
  deliveryContext: DeliveryContext.optional(),
  lastChannel: z.string().optional(),
});
export type SessionRow = z.output<typeof SessionRow>;

/** The stored entry, as `sessions.patch` and `sessions.reset` return it. */
export const SessionEntry = z.looseObject({
  sessionId: z.string(),
  updatedAt: z.int(),
  label: z.string().optional(),
});
export type SessionEntry = z.output<typeof SessionEntry>;

export const SessionModelDefaults = z.looseObject({
  modelProvider: z.string().nullable(),
  model: z.string().nullable(),
  contextTokens: z.int().nullable(),
});

const listParams = {
  limit: z.int().min(1).optional(),
  /** Rows left out at the beginning. */
  offset: z.int().min(0).optional(),
  /** `nextCursor` of an earlier answer; rows that moved meanwhile shift nothing. */
  cursor: text.optional(),
  /** Archived sessions are left out unless asked for: `true` lists only them, "all" both. */
  archived: z.union([z.boolean(), z.literal("all")]).optional(),
  pinned: z.boolean().optional(),
  activeMinutes: z.int().min(1).optional(),
  includeGlobal: z.boolean().optional(),
  includeUnknown: z.boolean().optional(),
  includeDerivedTitles: z.boolean().optional(),
  includeLastMessage: z.boolean().optional(),
  label: label.optional(),
  spawnedBy: text.optional(),
  agentId: text.optional(),
  search: z.string().optional(),
};
const SessionsListResult = z.looseObject({
  ts: z.int(),
  path: z.string(),
  count: z.int(),
  totalCount: z.int().optional(),
  hasMore: z.boolean().optional(),
  limitApplied: z.int().optional(),
  nextOffset: z.int().nullable().optional(),
  nextCursor: z.string().optional(),
  defaults: SessionModelDefaults,
  sessions: z.array(SessionRow),
});

const nullable = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]).optional();

/** Fields of `sessions.patch`; `null` clears. */
export const SessionPatch = {
  label: nullable(label),
  thinkingLevel: nullable(settingText),
  verboseLevel: nullable(settingText),
  reasoningLevel: nullable(settingText),
  responseUsage: nullable(z.enum(["off", "tokens", "full", "on"])),
  elevatedLevel: nullable(settingText),
  execHost: nullable(settingText),
  execSecurity: nullable(settingText),
  execAsk: nullable(settingText),
  execNode: nullable(settingText),
  model: nullable(settingText),
  spawnedBy: nullable(settingText),
  sendPolicy: nullable(z.enum(["allow", "deny"])),
  groupActivation: nullable(z.enum(["mention", "always"])),
  pinned: nullable(z.boolean()),
  archived: nullable(z.boolean()),
  unread: nullable(z.boolean()),
  icon: nullable(settingText),
  color: nullable(settingText),
  category: nullable(settingText),
};

/** What the caller believes of the session; nothing is done when it is no longer so. */
const expected = {
  expectedSessionId: text.optional(),
  expectedSessionUpdatedAt: z.int().optional(),
};

export const sessionsMethods = {
  "sessions.list": {
    description: "Recent sessions, newest first.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject(listParams),
    result: SessionsListResult,
  },
  "sessions.preview": {
    description: "The last messages of several sessions, shortened.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({
      keys: z.array(text).min(1),
      limit: z.int().min(1).optional(),
      maxChars: z.int().min(20).optional(),
    }),
    aliases: { key: { itemOf: "keys" } },
    result: z.object({
      ts: z.int(),
      previews: z.array(
        z.object({
          key: z.string(),
          status: z.enum(["ok", "empty", "missing", "error"]),
          items: z.array(z.object({ role: z.string(), text: z.string() })),
        }),
      ),
    }),
  },
  "sessions.patch": {
    description: "Change settings of a session; creates it when missing.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ key: text, ...SessionPatch, ...expected }),
    aliases: { thinking: "thinkingLevel" },
    result: z.looseObject({
      ok: z.literal(true),
      path: z.string(),
      key: z.string(),
      entry: SessionEntry,
      resolved: z.object({ modelProvider: z.string().nullable(), model: z.string().nullable() }).optional(),
    }),
  },
  "sessions.reset": {
    description: "Start a fresh transcript under the same key.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ key: text, reason: z.enum(["new", "reset"]).optional() }),
    result: z.looseObject({ ok: z.literal(true), key: z.string(), entry: SessionEntry }),
  },
  "sessions.delete": {
    description: "Delete a session, and its transcript unless told otherwise. A running turn is stopped first.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({
      key: text,
      deleteTranscript: z.boolean().optional(),
      ...expected,
      /** Only if it is archived. */
      archivedOnly: z.boolean().optional(),
    }),
    result: z.looseObject({
      ok: z.literal(true),
      key: z.string(),
      deleted: z.boolean(),
      archived: z.array(z.string()),
    }),
  },
  "sessions.compact": {
    description:
      "Have the model sum up the beginning of a session and go on from the summary. With `maxLines` the transcript keeps only its last messages, without a summary.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({
      key: text,
      maxLines: z.int().min(1).optional(),
      /** What the summary should pay attention to. */
      instructions: z.string().max(4_000).optional(),
    }),
    result: z.looseObject({
      ok: z.literal(true),
      key: z.string(),
      compacted: z.boolean(),
      /** Why nothing was done. */
      reason: z.string().optional(),
      /** Messages that the model is still sent as they are. */
      kept: z.int().optional(),
      archived: z.string().optional(),
      result: z.looseObject({ summary: z.string(), tokensBefore: z.int(), tokensAfter: z.int() }).optional(),
    }),
  },
  "sessions.subscribe": {
    description: "Send session events to this connection; with list parameters also the list.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object(listParams),
    result: z.object({ subscribed: z.literal(true), list: SessionsListResult.optional() }),
  },
  "sessions.unsubscribe": {
    description: "Stop session events on this connection.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({}),
    result: z.object({ subscribed: z.literal(false) }),
  },
  "sessions.messages.subscribe": {
    description: "Send each new transcript message of one session to this connection.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ key: text }),
    result: z.object({ subscribed: z.literal(true), key: z.string() }),
  },
  "sessions.messages.unsubscribe": {
    description: "Stop transcript messages of one session on this connection.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ key: text }),
    result: z.object({ subscribed: z.literal(false), key: z.string() }),
  },
  "sessions.resolve": {
    description: "The canonical key of a session, found by key, session id or label.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.strictObject({
      key: text.optional(),
      sessionId: text.optional(),
      label: label.optional(),
      agentId: text.optional(),
      spawnedBy: text.optional(),
      includeGlobal: z.boolean().optional(),
      includeUnknown: z.boolean().optional(),
      /** Protocol 4: nothing found is `ok: false` instead of an error. */
      allowMissing: z.boolean().optional(),
    }),
    result: z.union([
      z.looseObject({ ok: z.literal(true), key: z.string(), agentId: z.string().optional() }),
      z.looseObject({ ok: z.literal(false) }),
    ]),
  },
  "sessions.describe": {
    description: "One session row, or null.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ key: text }),
    result: z.object({ session: SessionRow.nullable() }),
  },
} satisfies MethodGroup;

export const sessionsEvents = {
  "sessions.changed": {
    description: "A session row changed; `session` is the new row when it still exists.",
    since: 4,
    scope: "operator.read",
    payload: z.looseObject({
      sessionKey: z.string(),
      agentId: z.string().optional(),
      ts: z.int(),
      reason: z.string().optional(),
      phase: z.string().optional(),
      runId: z.string().optional(),
      session: SessionRow.optional(),
    }),
  },
  "session.message": {
    description: "A message was appended to a transcript.",
    since: 4,
    scope: "operator.read",
    payload: z.looseObject({
      sessionKey: z.string(),
      agentId: z.string().optional(),
      message: z.looseObject({}),
      messageId: z.string(),
      messageSeq: z.int(),
    }),
  },
  "session.tool": {
    description: "Tool activity of a run, for subscribers that did not start it.",
    since: 4,
    scope: "operator.read",
    payload: z.looseObject({ runId: z.string(), stream: z.literal("tool"), seq: z.int(), data: z.looseObject({}) }),
  },
} satisfies EventGroup;
