import { sql } from "kysely";
import type { Database, Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import { spendFrom } from "./budget.store.ts";
import {
  dayOf,
  type UsageCounts,
  type UsageDelta,
  type UsageRange,
  type UsageRow,
  type UsageStore,
  type UsageSums,
} from "./usage-store.ts";

/** Columns that are summed, with their names in the code. */
const counted = {
  turns: "turns",
  calls: "calls",
  unpriced_calls: "unpricedCalls",
  tool_calls: "toolCalls",
  errors: "errors",
  input: "input",
  output: "output",
  cache_read: "cacheRead",
  cache_write: "cacheWrite",
  total_tokens: "totalTokens",
  input_cost: "inputCost",
  output_cost: "outputCost",
  cache_read_cost: "cacheReadCost",
  cache_write_cost: "cacheWriteCost",
  total_cost: "totalCost",
} as const satisfies Record<string, keyof UsageCounts>;
type Counted = keyof typeof counted;
const countedColumns = Object.keys(counted) as Counted[];

type Owner = {
  agent_id: string;
  session_key: string;
  session_id: string;
  provider: string;
  model: string;
  day: string;
};
type UsageTable = Owner & Record<Counted, number> & { first_at: number; last_at: number };
type Tables = { usage_daily: UsageTable; runs: { run_id: string; ended_at: number | null } };

const query = createQuery<Tables>();
const ownerColumns = ["day", "agent_id", "provider", "model", "session_key", "session_id"] as const;

const addRow = prepared<UsageTable & { runId: string | null }>((param) =>
  query
    .insertInto("usage_daily")
    .columns([...ownerColumns, ...countedColumns, "first_at", "last_at"])
    .expression(
      query
        .selectNoFrom([
          ...ownerColumns.map((name) => param(name).as(name)),
          ...countedColumns.map((name) => param(name).as(name)),
          param("first_at").as("first_at"),
          param("last_at").as("last_at"),
        ])
        .where((eb) =>
          eb.or([
            sql<boolean>`${param("runId")} is null`,
            eb.exists(
              query
                .selectFrom("runs")
                .select("run_id")
                .where("run_id", "=", param("runId"))
                .where("ended_at", "is", null),
            ),
          ]),
        ),
    )
    .onConflict((conflict) =>
      conflict.columns([...ownerColumns]).doUpdateSet((eb) => ({
        ...Object.fromEntries(
          countedColumns.map((name) => [name, eb(`usage_daily.${name}`, "+", eb.ref(`excluded.${name}`))]),
        ),
        first_at: sql<number>`min(usage_daily.first_at, excluded.first_at)`,
        last_at: sql<number>`max(usage_daily.last_at, excluded.last_at)`,
      })),
    ),
);

/**
 * Adds to the account, in the name of a run only as long as it is open; it goes before the statement that ends the run, so
 * a repeat adds nothing.
 */
export function addUsage(runId: string | undefined, deltas: readonly UsageDelta[]): Statement[] {
  return deltas.flatMap((delta) => [
    ...(delta.totalCost > 0 ? (delta.budgets ?? []) : []).map((key) =>
      spendFrom({ key, cost: delta.totalCost, runId: runId ?? null }),
    ),
    addRow({
      runId: runId ?? null,
      day: dayOf(delta.at),
      agent_id: delta.agentId,
      provider: delta.provider,
      model: delta.model,
      session_key: delta.sessionKey,
      session_id: delta.sessionId,
      turns: delta.turns,
      calls: delta.calls,
      unpriced_calls: delta.unpricedCalls,
      tool_calls: delta.toolCalls,
      errors: delta.errors,
      input: delta.input,
      output: delta.output,
      cache_read: delta.cacheRead,
      cache_write: delta.cacheWrite,
      total_tokens: delta.totalTokens,
      input_cost: delta.inputCost,
      output_cost: delta.outputCost,
      cache_read_cost: delta.cacheReadCost,
      cache_write_cost: delta.cacheWriteCost,
      total_cost: delta.totalCost,
      first_at: delta.at,
      last_at: delta.at,
    }),
  ]);
}

const sumsByDay = (range: UsageRange, sessionKey: string | undefined): Statement => {
  const rows = query
    .selectFrom("usage_daily")
    .select(["day", "agent_id", "provider", "model"])
    .select((eb) => countedColumns.map((name) => eb.fn.sum<number>(name).as(name)))
    .where("day", ">=", range.firstDay)
    .where("day", "<=", range.lastDay)
    .groupBy(["day", "agent_id", "provider", "model"])
    .orderBy("day");
  return (sessionKey === undefined ? rows : rows.where("session_key", "=", sessionKey)).compile();
};

const rowsBySession = (range: UsageRange, maxSessions: number, sessionKey: string | undefined): Statement => {
  const inRange = query.selectFrom("usage_daily").where("day", ">=", range.firstDay).where("day", "<=", range.lastDay);
  const chosen = (sessionKey === undefined ? inRange : inRange.where("session_key", "=", sessionKey))
    .select((eb) => ["session_key", eb.fn.max("last_at").as("used_at")])
    .groupBy("session_key")
    .orderBy("used_at", "desc")
    .limit(maxSessions);
  return query
    .with("chosen", () => chosen)
    .selectFrom("usage_daily")
    .innerJoin("chosen", "chosen.session_key", "usage_daily.session_key")
    .selectAll("usage_daily")
    .where("day", ">=", range.firstDay)
    .where("day", "<=", range.lastDay)
    .orderBy("chosen.used_at", "desc")
    .orderBy("usage_daily.session_key")
    .orderBy("day")
    .compile();
};

const toCounts = (record: Record<Counted, number>): UsageCounts => ({
  turns: record.turns,
  calls: record.calls,
  unpricedCalls: record.unpriced_calls,
  toolCalls: record.tool_calls,
  errors: record.errors,
  input: record.input,
  output: record.output,
  cacheRead: record.cache_read,
  cacheWrite: record.cache_write,
  totalTokens: record.total_tokens,
  inputCost: record.input_cost,
  outputCost: record.output_cost,
  cacheReadCost: record.cache_read_cost,
  cacheWriteCost: record.cache_write_cost,
  totalCost: record.total_cost,
});

type SumsRecord = Record<Counted, number> & Pick<Owner, "day" | "agent_id" | "provider" | "model">;
const toSums = (record: SumsRecord): UsageSums => ({
  ...toCounts(record),
  day: record.day,
  agentId: record.agent_id,
  provider: record.provider,
  model: record.model,
});
const toRow = (record: UsageTable): UsageRow => ({
  ...toSums(record),
  sessionKey: record.session_key,
  sessionId: record.session_id,
  firstAt: record.first_at,
  lastAt: record.last_at,
});

export function createUsageStore(db: Database): UsageStore {
  return {
    sums: async (range, sessionKey) => (await db.scan<SumsRecord>(sumsByDay(range, sessionKey))).map(toSums),
    bySession: async (range, maxSessions, sessionKey) =>
      (await db.scan<UsageTable>(rowsBySession(range, maxSessions, sessionKey))).map(toRow),
  };
}
