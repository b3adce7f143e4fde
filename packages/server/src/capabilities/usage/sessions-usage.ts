import type { Result } from "@openclaw-gateway/protocol";
import type { StoredSession } from "../../conversations/conversation-store.ts";
import type { UsageRange, UsageRow, UsageSums } from "../../usage/usage-store.ts";
import { sumBy, sumOf, toDailyModelUsage, toMessageCounts, toModelUsage, toTotals } from "./usage-sums.ts";

type SessionsUsage = Result<"sessions.usage">;

/** The answer of `sessions.usage` from the account alone. */
export function toSessionsUsage(
  { firstDay, lastDay }: UsageRange,
  sums: readonly UsageSums[],
  sessions: readonly SessionsUsage["sessions"][number][],
  now: number,
): SessionsUsage {
  const ofDays = sumBy(sums, ({ day }) => day);
  const all = sumOf(sums);
  return {
    updatedAt: now,
    startDate: firstDay,
    endDate: lastDay,
    sessions: [...sessions],
    totals: toTotals(all),
    aggregates: {
      sessionCount: sessions.length,
      messages: toMessageCounts(all),
      tools: { totalCalls: all.toolCalls, uniqueTools: 0, tools: [] },
      byModel: toModelUsage(sums),
      byProvider: sumBy(sums, ({ provider }) => provider).map(({ first, sum }) => ({
        provider: first.provider,
        count: sum.calls,
        totals: toTotals(sum),
      })),
      byAgent: sumBy(sums, ({ agentId }) => agentId).map(({ first, sum }) => ({
        agentId: first.agentId,
        totals: toTotals(sum),
      })),
      byChannel: [],
      byCreator: [],
      costDaily: ofDays.map(({ first, sum }) => ({ date: first.day, ...toTotals(sum) })),
      dailyLatency: [],
      modelDaily: toDailyModelUsage(sums),
      daily: ofDays.map(({ first, sum }) => ({
        date: first.day,
        tokens: sum.totalTokens,
        cost: sum.totalCost,
        messages: sum.turns + sum.calls,
        toolCalls: sum.toolCalls,
        errors: sum.errors,
      })),
    },
  };
}

/** One session of the list; `session` is missing when it has been deleted since. */
export function toSessionUsage(
  rows: readonly [UsageRow, ...UsageRow[]],
  session: StoredSession | undefined,
): SessionsUsage["sessions"][number] {
  const newest = rows.reduce((last, row) => (row.lastAt > last.lastAt ? row : last));
  const ofDays = sumBy(rows, ({ day }) => day);
  const sum = sumOf(rows);
  const firstActivity = Math.min(...rows.map(({ firstAt }) => firstAt));
  const sessionId = session?.sessionId ?? newest.sessionId;
  return {
    key: newest.sessionKey,
    ...(session?.label !== undefined && { label: session.label }),
    sessionId,
    updatedAt: session?.updatedAt ?? newest.lastAt,
    agentId: newest.agentId,
    chatType: session?.kind === "group" ? "group" : "direct",
    modelProvider: newest.provider,
    model: newest.model,
    usage: {
      sessionId,
      firstActivity,
      lastActivity: newest.lastAt,
      durationMs: newest.lastAt - firstActivity,
      activityDates: ofDays.map(({ first }) => first.day),
      dailyBreakdown: ofDays.map(({ first, sum: ofDay }) => ({
        date: first.day,
        tokens: ofDay.totalTokens,
        cost: ofDay.totalCost,
      })),
      dailyMessageCounts: ofDays.map(({ first, sum: ofDay }) => ({ date: first.day, ...toMessageCounts(ofDay) })),
      dailyModelUsage: toDailyModelUsage(rows),
      messageCounts: toMessageCounts(sum),
      modelUsage: toModelUsage(rows),
      ...toTotals(sum),
    },
  };
}
