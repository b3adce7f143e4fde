import { type RawBuilder, sql } from "kysely";
import type { Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { SessionFilter, SessionTouch } from "./conversation-store.ts";
import type { AppendTarget } from "./messages.store.ts";
import { type RunGuard, runHolds } from "./run-guard.store.ts";
import type { SessionTexts } from "./session-texts.ts";
import { type ConversationTables, sessionColumns } from "./tables.store.ts";

const query = createQuery<ConversationTables>();

export type SessionSeed = { agentId: string; kind: string; sessionId: string; now: number };
type Settings = Record<string, unknown>;

export const sessionByKey = prepared<{ key: string }>((param) =>
  query.selectFrom("sessions").select(sessionColumns).where("key", "=", param("key")),
);

export const sessionById = prepared<{ sessionId: string }>((param) =>
  query.selectFrom("sessions").select(sessionColumns).where("session_id", "=", param("sessionId")),
);

/** The session that a run was accepted for, whatever key the caller has in hand now. */
export const sessionOfRun = prepared<{ runId: string }>((param) =>
  query
    .selectFrom("sessions")
    .select(sessionColumns)
    .where("key", "=", (eb) => eb.selectFrom("runs").select("session_key").where("run_id", "=", param("runId"))),
);

export function countSessions(agentId: string | undefined): Statement {
  const count = query.selectFrom("sessions").select((eb) => eb.fn.countAll().as("count"));
  return (agentId === undefined ? count : count.where("agent_id", "=", agentId)).compile();
}

type ListInput = Required<
  Omit<SessionFilter, "before" | "includeGlobal" | "includeUnknown" | "archived" | "pinned">
> & {
  archived: number;
  pinned: number;
  beforeTime: number;
  beforeKey: string;
};
const lists = new Map<string, (input: Partial<ListInput>) => Statement>();

/** Newest first, straight from an index. */
export const listSessions = (filter: SessionFilter): Statement => compiled("rows", filter);

/** How many rows the same filters let through. */
export const countMatching = (filter: Omit<SessionFilter, "limit" | "offset" | "before">): Statement =>
  compiled("count", filter);

/** Each combination of filters is compiled once. */
function compiled(what: "rows" | "count", filter: Partial<SessionFilter>): Statement {
  const { before, includeGlobal = true, includeUnknown = true, search, archived, pinned, ...rest } = filter;
  const input: Partial<ListInput> = {
    ...rest,
    ...(search !== undefined && { search: search.toLowerCase() }),
    ...(archived !== undefined && { archived: archived ? 1 : 0 }),
    ...(pinned !== undefined && { pinned: pinned ? 1 : 0 }),
    ...(before && { beforeTime: before.updatedAt, beforeKey: before.key }),
  };
  const given = new Set(Object.keys(input).filter((name) => input[name as keyof ListInput] !== undefined));
  const shape = `${what} ${includeGlobal} ${includeUnknown} ${[...given].toSorted().join(" ")}`;
  let statement = lists.get(shape);
  if (!statement) lists.set(shape, (statement = build(what, given, includeGlobal, includeUnknown)));
  return statement(input);
}

function build(what: "rows" | "count", given: ReadonlySet<string>, includeGlobal: boolean, includeUnknown: boolean) {
  return prepared<Partial<ListInput>>((loose) => {
    // Only parameters that are given get a place in the statement.
    const param = <Name extends keyof ListInput>(name: Name) => sql<ListInput[Name]>`${loose(name)}`;
    let list = query.selectFrom("sessions");
    if (given.has("archived")) {
      // The plus keeps a list on the index of its order; a count takes the one of the flag.
      list = list.where(sql<boolean>`${sql.raw(what === "rows" ? "+archived" : "archived")} = ${param("archived")}`);
    }
    if (given.has("pinned")) list = list.where(sql<boolean>`coalesce(settings ->> '$.pinned', 0) = ${param("pinned")}`);
    if (given.has("agentId")) list = list.where("agent_id", "=", param("agentId"));
    if (given.has("label")) list = list.where("label", "=", param("label"));
    if (given.has("spawnedBy")) list = list.where("spawned_by", "=", param("spawnedBy"));
    if (given.has("updatedAfter")) list = list.where("updated_at", ">=", param("updatedAfter"));
    if (!includeGlobal) list = list.where("kind", "<>", "global");
    if (!includeUnknown) list = list.where("kind", "<>", "unknown");
    if (given.has("beforeTime")) {
      list = list.where(sql<boolean>`(updated_at, key) < (${param("beforeTime")}, ${param("beforeKey")})`);
    }
    if (given.has("search")) {
      const holds = (column: "key" | "label_folded" | "title_folded") =>
        sql<boolean>`instr(${sql.ref(column)}, ${param("search")}) > 0`;
      list = list.where((eb) => eb.or([holds("key"), holds("label_folded"), holds("title_folded")]));
    }
    if (what === "count") return list.select((eb) => eb.fn.countAll().as("count"));
    const rows = list.select(sessionColumns).orderBy("updated_at", "desc").orderBy("key", "desc").limit(param("limit"));
    return given.has("offset") ? rows.offset(param("offset")) : rows;
  });
}

const jsonPath = (name: string): string => `$.${JSON.stringify(name)}`;
const jsonArguments = (settings: [string, unknown][]) =>
  sql.join(settings.map(([name, value]) => sql`${jsonPath(name)}, json(${JSON.stringify(value)})`));

/** Members replace those of the same name as a whole; null takes a member away. */
function mergeSettings(settings: Settings): RawBuilder<string> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  const set = entries.filter(([, value]) => value !== null);
  const removed = entries.filter(([, value]) => value === null);
  let merged = sql<string>`sessions.settings`;
  if (set.length > 0) merged = sql<string>`json_set(${merged}, ${jsonArguments(set)})`;
  if (removed.length > 0)
    merged = sql<string>`json_remove(${merged}, ${sql.join(removed.map(([name]) => jsonPath(name)))})`;
  return merged;
}

/** Only members that are missing come in. */
function fillSettings(settings: Settings): RawBuilder<string> {
  const entries = Object.entries(settings).filter(([, value]) => value != null);
  if (entries.length === 0) return sql<string>`sessions.settings`;
  return sql<string>`json_insert(sessions.settings, ${jsonArguments(entries)})`;
}

const asJson = (settings: Settings): string =>
  JSON.stringify(Object.fromEntries(Object.entries(settings).filter(([, value]) => value != null)));

const fold = (text: string | null | undefined): string | null => text?.toLowerCase() ?? null;

export function upsertSession(
  key: string,
  seed: SessionSeed,
  { label, settings = {} }: { label?: string | null; settings?: Settings },
): Statement {
  return query
    .insertInto("sessions")
    .values({ ...freshRow(key, seed), label: label ?? null, label_folded: fold(label), settings: asJson(settings) })
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet({
        updated_at: seed.now,
        settings: mergeSettings(settings),
        ...(label !== undefined && { label, label_folded: fold(label) }),
      }),
    )
    .returning(sessionColumns)
    .compile();
}

/** Creates the session of a run or moves it to the top; nothing when the run is known already. */
export function acceptSession(key: string, seed: SessionSeed, settings: Settings, runId: string): Statement {
  const row = { ...freshRow(key, seed), settings: asJson(settings) };
  const columns = Object.keys(row) as (keyof typeof row)[];
  return query
    .insertInto("sessions")
    .columns(columns)
    .expression(
      query
        .selectNoFrom((eb) => columns.map((column) => eb.val(row[column]).as(column)))
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("runs").select("id").where("run_id", "=", runId))),
        ),
    )
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet({ updated_at: seed.now, settings: fillSettings(settings) }),
    )
    .compile();
}

const freshRow = (key: string, { agentId, kind, sessionId, now }: SessionSeed) => ({
  key,
  agent_id: agentId,
  kind,
  session_id: sessionId,
  created_at: now,
  updated_at: now,
  message_count: 0,
  system_sent: 0,
  aborted_last_run: 0,
  session_started_at: now,
  last_interaction_at: now,
});

/** Goes before the reset itself. A session without messages leaves nothing behind. */
export const keepPast = prepared<{ key: string; sessionId: string; now: number }>((param) =>
  query
    .insertInto("past_sessions")
    .columns(["session_id", "key", "started_at", "ended_at"])
    .expression(
      query
        .selectFrom("sessions")
        .select((eb) => [
          "session_id",
          "key",
          eb.fn.coalesce("session_started_at", "created_at").as("started_at"),
          param("now").as("ended_at"),
        ])
        .where("key", "=", param("key"))
        .where("session_id", "<>", param("sessionId"))
        .where("message_count", ">", 0),
    )
    .onConflict((conflict) => conflict.column("session_id").doNothing()),
);

export const pastSession = prepared<{ key: string; sessionId: string }>((param) =>
  query
    .selectFrom("past_sessions")
    .select("session_id")
    .where("key", "=", param("key"))
    .where("session_id", "=", param("sessionId")),
);

export const forgetPast = prepared<{ key: string }>((param) =>
  query.deleteFrom("past_sessions").where("key", "=", param("key")),
);

export const resetSession = prepared<{ key: string; sessionId: string; now: number }>((param) =>
  query
    .updateTable("sessions")
    .set({
      session_id: param("sessionId"),
      updated_at: param("now"),
      derived_title: null,
      title_folded: null,
      last_message_preview: null,
      message_count: 0,
      system_sent: 0,
      aborted_last_run: 0,
      input_tokens: 0,
      output_tokens: 0,
      total_tokens: 0,
      compaction_count: 0,
      summary_seq: null,
      context_from: null,
      session_started_at: param("now"),
      last_interaction_at: param("now"),
    })
    .where("key", "=", param("key"))
    .returning(sessionColumns),
);

export const deleteSession = prepared<{ key: string }>((param) =>
  query.deleteFrom("sessions").where("key", "=", param("key")).returning("session_id"),
);

type TouchInput = {
  key: string;
  sessionId: string;
  runId: string | null;
  now: number;
  title: string | null;
  titleFolded: string | null;
  preview: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  totalTokens: number | null;
  modelProvider: string | null;
  model: string | null;
  abortedLastRun: boolean | null;
};

const buildTouch = (guard: RunGuard, settings?: Settings) =>
  prepared<TouchInput>((param) => {
    const touch = query
      .updateTable("sessions")
      .set((eb) => ({
        updated_at: param("now"),
        message_count: eb
          .selectFrom("messages")
          .select(({ fn }) => fn.coalesce(fn.max("seq"), sql<number>`0`).as("count"))
          .whereRef("messages.session_id", "=", "sessions.session_id"),
        derived_title: eb.fn.coalesce("derived_title", param("title")),
        title_folded: eb.fn.coalesce("title_folded", param("titleFolded")),
        last_message_preview: eb.fn.coalesce(param("preview"), "last_message_preview"),
        input_tokens: eb.fn.coalesce(param("inputTokens"), "input_tokens"),
        output_tokens: eb.fn.coalesce(param("outputTokens"), "output_tokens"),
        total_tokens: eb.fn.coalesce(param("totalTokens"), "total_tokens"),
        model_provider: eb.fn.coalesce(param("modelProvider"), "model_provider"),
        model: eb.fn.coalesce(param("model"), "model"),
        aborted_last_run: sql<number>`coalesce(${param("abortedLastRun")}, aborted_last_run)`,
        ...(settings && { settings: mergeSettings(settings) }),
        ...(guard !== "none" && { last_interaction_at: param("now") }),
        // The first turn tells the agent what it is; a session that has had one has been told.
        ...(guard === "run is queued" && { system_sent: 1 }),
      }))
      .where("key", "=", param("key"))
      .where("session_id", "=", param("sessionId"));
    return guard === "none" ? touch : touch.where((eb) => runHolds(eb, guard, param("runId")));
  });

const touches: Record<RunGuard, (input: TouchInput) => Statement> = {
  none: buildTouch("none"),
  "run is queued": buildTouch("run is queued"),
  "run is open": buildTouch("run is open"),
};

/** Brings the row of a session up to date with its messages. */
export function touchSession(
  target: AppendTarget,
  { title, preview }: SessionTexts,
  { now, settings, ...touch }: SessionTouch & { now: number },
): Statement {
  const build = settings ? buildTouch(target.guard, settings) : touches[target.guard];
  return build({
    key: target.key,
    sessionId: target.sessionId,
    runId: target.runId ?? null,
    now,
    title: title ?? null,
    titleFolded: fold(title),
    preview: preview ?? null,
    inputTokens: touch.inputTokens ?? null,
    outputTokens: touch.outputTokens ?? null,
    totalTokens: touch.totalTokens ?? null,
    modelProvider: touch.modelProvider ?? null,
    model: touch.model ?? null,
    abortedLastRun: touch.abortedLastRun ?? null,
  });
}
