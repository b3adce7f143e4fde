import {
  canonicalSessionKey,
  GatewayError,
  methodGroups,
  type SessionKeyDefaults,
  visibleText,
} from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import type { Clock } from "../../platform/clock.ts";
import { implement } from "../../rpc/handler.ts";
import type { UsageRow, UsageStore } from "../../usage/usage-store.ts";
import { toSessionsUsage, toSessionUsage } from "./sessions-usage.ts";
import { costRange, daysOf, sessionsRange } from "./usage-range.ts";
import { sumBy, sumOf, toTotals } from "./usage-sums.ts";

const defaultSessions = 50;
const maxSessions = 500;
/** Messages that the details of a session look at. */
const maxMessages = 1_000;
const defaultLogs = 200;

export function createUsage(deps: {
  usage: UsageStore;
  conversations: Conversations;
  clock: Clock;
  keys: () => SessionKeyDefaults;
}) {
  const { usage, conversations, clock } = deps;
  const canonical = (key: string): string => canonicalSessionKey(key, deps.keys());

  /** The newest messages of a session that somebody asks the details of. */
  async function newest(key: string | undefined, limit: number, purpose: string) {
    if (key === undefined || key.trim() === "")
      throw new GatewayError("INVALID_REQUEST", `key is required for ${purpose}`);
    const session = await conversations.session(canonical(key));
    const messages = session ? await conversations.history(session.sessionId, { limit }) : [];
    return { sessionId: session?.sessionId, messages: messages.map(({ message }) => message) };
  }

  return implement(methodGroups.usage, {
    "usage.status": () => ({ updatedAt: clock.now(), providers: [] }),
    "usage.cost": async (asked) => {
      const now = clock.now();
      const range = costRange(asked, now);
      const sums = await usage.sums(range);
      const ofDays = new Map(sumBy(sums, ({ day }) => day).map(({ first, sum }) => [first.day, sum]));
      const days = daysOf(range);
      const daily = days.map((date) => ({ date, ...toTotals(ofDays.get(date) ?? sumOf([])) }));
      return { updatedAt: now, days: days.length, daily, totals: toTotals(sumOf(sums)) };
    },
    "sessions.usage": async ({ key, limit, ...asked }) => {
      const now = clock.now();
      const range = sessionsRange(asked, now);
      const sessionKey = key === undefined ? undefined : canonical(key);
      const [sums, rows] = await Promise.all([
        usage.sums(range, sessionKey),
        usage.bySession(range, Math.min(limit ?? defaultSessions, maxSessions), sessionKey),
      ]);
      const sessions = await Promise.all(
        [...Map.groupBy(rows, (row) => row.sessionKey)].map(async ([ofKey, own]) =>
          toSessionUsage(own as [UsageRow, ...UsageRow[]], await conversations.session(ofKey)),
        ),
      );
      return toSessionsUsage(range, sums, sessions, now);
    },
    "sessions.usage.timeseries": async ({ key }) => {
      const { sessionId, messages } = await newest(key, maxMessages, "timeseries");
      let [cumulativeTokens, cumulativeCost] = [0, 0];
      const points = messages.flatMap((message) => {
        if (message.role !== "assistant" || message.usage.totalTokens === 0) return [];
        const { cost, ...tokens } = message.usage;
        cumulativeTokens += tokens.totalTokens;
        cumulativeCost += cost.total;
        return [{ timestamp: message.timestamp, ...tokens, cost: cost.total, cumulativeTokens, cumulativeCost }];
      });
      return { ...(sessionId !== undefined && { sessionId }), points };
    },
    "sessions.usage.logs": async ({ key, limit = defaultLogs }) => {
      const { messages } = await newest(key, Math.min(limit, maxMessages), "logs");
      const logs = messages.map((message) => ({
        timestamp: message.timestamp,
        role: message.role,
        content: visibleText(message),
        ...(message.role === "assistant" && { tokens: message.usage.totalTokens, cost: message.usage.cost.total }),
      }));
      return { logs };
    },
  });
}
