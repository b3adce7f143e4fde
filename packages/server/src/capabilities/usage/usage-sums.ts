import { addCounts, noCounts, type UsageCounts } from "../../usage/usage-store.ts";

/** Rows that share a name, summed; in the order in which the names appear. */
export function sumBy<Row extends UsageCounts>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): { first: Row; sum: UsageCounts }[] {
  const sums = new Map<string, { first: Row; sum: UsageCounts }>();
  for (const row of rows) {
    const name = nameOf(row);
    let entry = sums.get(name);
    if (!entry) sums.set(name, (entry = { first: row, sum: noCounts() }));
    addCounts(entry.sum, row);
  }
  return [...sums.values()];
}

export function sumOf(rows: readonly UsageCounts[]): UsageCounts {
  const sum = noCounts();
  for (const row of rows) addCounts(sum, row);
  return sum;
}

/** The sums as the wire names them. */
export const toTotals = (sum: UsageCounts) => ({
  input: sum.input,
  output: sum.output,
  cacheRead: sum.cacheRead,
  cacheWrite: sum.cacheWrite,
  totalTokens: sum.totalTokens,
  totalCost: sum.totalCost,
  inputCost: sum.inputCost,
  outputCost: sum.outputCost,
  cacheReadCost: sum.cacheReadCost,
  cacheWriteCost: sum.cacheWriteCost,
  missingCostEntries: sum.unpricedCalls,
});

/** A tool call that was counted has its result. */
export const toMessageCounts = (sum: UsageCounts) => ({
  total: sum.turns + sum.calls,
  user: sum.turns,
  assistant: sum.calls,
  toolCalls: sum.toolCalls,
  toolResults: sum.toolCalls,
  errors: sum.errors,
});

type ModelRow = UsageCounts & { day: string; provider: string; model: string };

export const toModelUsage = (rows: readonly ModelRow[]) =>
  sumBy(rows, ({ provider, model }) => `${provider}/${model}`).map(({ first, sum }) => ({
    provider: first.provider,
    model: first.model,
    count: sum.calls,
    totals: toTotals(sum),
  }));

export const toDailyModelUsage = (rows: readonly ModelRow[]) =>
  sumBy(rows, ({ day, provider, model }) => `${day}/${provider}/${model}`).map(({ first, sum }) => ({
    date: first.day,
    provider: first.provider,
    model: first.model,
    tokens: sum.totalTokens,
    cost: sum.totalCost,
    count: sum.calls,
  }));
