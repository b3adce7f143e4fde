/** Counts that only ever grow. Tokens as the protocol counts them, cost in USD; `totalCost` is the sum of the other costs. */
export type UsageCounts = {
  /** Turns that a person or program asked for. */
  turns: number;
  /** Answers of the model. */
  calls: number;
  /** Those of them whose cost is not known; it is counted as 0. */
  unpricedCalls: number;
  toolCalls: number;
  errors: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
  inputCost: number;
  outputCost: number;
  cacheReadCost: number;
  cacheWriteCost: number;
  totalCost: number;
};

/** Whom a piece of usage is counted for. */
export type UsageOwner = { agentId: string; sessionKey: string; sessionId: string };

/**
 * A piece of usage that is written with the run it belongs to. `at` is milliseconds since the epoch; `budgets` are those
 * that its cost is taken from, by key.
 */
export type UsageDelta = UsageOwner &
  UsageCounts & { at: number; provider: string; model: string; budgets?: readonly string[] };

/** The sum of one UTC day, `YYYY-MM-DD`, for one agent, model and session. */
export type UsageRow = UsageOwner &
  UsageCounts & { day: string; provider: string; model: string; firstAt: number; lastAt: number };

/** Both days are included. */
export type UsageRange = { firstDay: string; lastDay: string };
export type UsageSums = UsageCounts & { day: string; agentId: string; provider: string; model: string };

/** The account of what model calls used. Rows are added by the conversation store, with the run that caused them. */
export interface UsageStore {
  /** Sums over all sessions by day, agent and model; of one session when a key is given. */
  sums(range: UsageRange, sessionKey?: string): Promise<UsageSums[]>;
  /** Rows of the sessions that were used last, newest first, at most `maxSessions` sessions. */
  bySession(range: UsageRange, maxSessions: number, sessionKey?: string): Promise<UsageRow[]>;
}

export const noCounts = (): UsageCounts => ({
  turns: 0,
  calls: 0,
  unpricedCalls: 0,
  toolCalls: 0,
  errors: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  inputCost: 0,
  outputCost: 0,
  cacheReadCost: 0,
  cacheWriteCost: 0,
  totalCost: 0,
});

export function addCounts(sum: UsageCounts, more: UsageCounts): void {
  sum.turns += more.turns;
  sum.calls += more.calls;
  sum.unpricedCalls += more.unpricedCalls;
  sum.toolCalls += more.toolCalls;
  sum.errors += more.errors;
  sum.input += more.input;
  sum.output += more.output;
  sum.cacheRead += more.cacheRead;
  sum.cacheWrite += more.cacheWrite;
  sum.totalTokens += more.totalTokens;
  sum.inputCost += more.inputCost;
  sum.outputCost += more.outputCost;
  sum.cacheReadCost += more.cacheReadCost;
  sum.cacheWriteCost += more.cacheWriteCost;
  sum.totalCost += more.totalCost;
}

/** The UTC day of a moment. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
