import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** Tokens, and what they cost in USD. `totalTokens` is what the provider called the total. */
export const UsageTotals = z.looseObject({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
  totalTokens: z.number(),
  totalCost: z.number(),
  inputCost: z.number(),
  outputCost: z.number(),
  cacheReadCost: z.number(),
  cacheWriteCost: z.number(),
  missingCostEntries: z.int(),
});
export type UsageTotals = z.output<typeof UsageTotals>;

const MessageCounts = z.looseObject({
  total: z.int(),
  user: z.int(),
  assistant: z.int(),
  toolCalls: z.int(),
  toolResults: z.int(),
  errors: z.int(),
});
const ModelUsage = z.looseObject({
  provider: z.string(),
  model: z.string().optional(),
  count: z.int(),
  totals: UsageTotals,
});
/** `date` is a UTC day, `YYYY-MM-DD`. */
const DailyTokens = z.looseObject({ date: z.string(), tokens: z.number(), cost: z.number() });
const DailyModelTokens = z.looseObject({
  ...DailyTokens.shape,
  provider: z.string(),
  model: z.string(),
  count: z.int(),
});
const DailyTotals = z.looseObject({ date: z.string(), ...UsageTotals.shape });

/** What one session used within the days asked for. Times are milliseconds since the epoch. */
export const SessionUsage = z.looseObject({
  sessionId: z.string(),
  firstActivity: z.int(),
  lastActivity: z.int(),
  durationMs: z.int(),
  activityDates: z.array(z.string()),
  dailyBreakdown: z.array(DailyTokens),
  dailyMessageCounts: z.array(z.looseObject({ date: z.string(), ...MessageCounts.shape })),
  dailyModelUsage: z.array(DailyModelTokens),
  messageCounts: MessageCounts,
  modelUsage: z.array(ModelUsage),
  ...UsageTotals.shape,
});

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional();
const read = { role: "operator", scope: "operator.read" } as const;

export const usageMethods = {
  "usage.status": {
    description: "Quotas that providers report; empty while none does.",
    since: 3,
    ...read,
    params: z.looseObject({}),
    result: z.looseObject({ updatedAt: z.int(), providers: z.array(z.unknown()) }),
  },
  "usage.cost": {
    description: "Tokens and cost of each UTC day, and their sum. Values that make no sense are ignored.",
    since: 3,
    ...read,
    params: z.looseObject({
      days: z.int().optional().catch(undefined),
      startDate: day.catch(undefined),
      endDate: day.catch(undefined),
    }),
    result: z.looseObject({ updatedAt: z.int(), days: z.int(), daily: z.array(DailyTotals), totals: UsageTotals }),
  },
  "sessions.usage": {
    description: "What each session used, the last used first, and sums by model, provider, agent and day.",
    since: 3,
    ...read,
    hidden: true,
    params: z.strictObject({
      key: z.string().min(1).optional(),
      startDate: day,
      endDate: day,
      limit: z.int().min(1).optional(),
      includeContextWeight: z.boolean().optional(),
    }),
    result: z.looseObject({
      updatedAt: z.int(),
      startDate: z.string(),
      endDate: z.string(),
      sessions: z.array(z.looseObject({ key: z.string(), sessionId: z.string(), usage: SessionUsage.nullable() })),
      totals: UsageTotals,
      aggregates: z.looseObject({
        messages: MessageCounts,
        byModel: z.array(ModelUsage),
        byProvider: z.array(ModelUsage),
        byAgent: z.array(z.looseObject({ agentId: z.string(), totals: UsageTotals })),
        modelDaily: z.array(DailyModelTokens),
        daily: z.array(z.looseObject({ ...DailyTokens.shape, messages: z.int(), toolCalls: z.int(), errors: z.int() })),
      }),
    }),
  },
  "sessions.usage.timeseries": {
    description: "The model calls of a session's newest messages, oldest first, with running sums.",
    since: 3,
    ...read,
    hidden: true,
    params: z.looseObject({ key: z.string().optional() }),
    result: z.looseObject({
      sessionId: z.string().optional(),
      points: z.array(
        z.looseObject({
          timestamp: z.int(),
          input: z.number(),
          output: z.number(),
          cacheRead: z.number(),
          cacheWrite: z.number(),
          totalTokens: z.number(),
          cost: z.number(),
          cumulativeTokens: z.number(),
          cumulativeCost: z.number(),
        }),
      ),
    }),
  },
  "sessions.usage.logs": {
    description: "The newest messages of a session, oldest first, with what each answer used.",
    since: 3,
    ...read,
    hidden: true,
    params: z.looseObject({ key: z.string().optional(), limit: z.int().min(1).optional() }),
    result: z.looseObject({
      logs: z.array(
        z.looseObject({
          timestamp: z.int(),
          role: z.string(),
          content: z.string(),
          tokens: z.number().optional(),
          cost: z.number().optional(),
        }),
      ),
    }),
  },
} satisfies MethodGroup;
