import { type Budget, describeBudget, isMet } from "./budgets.ts";
import { median } from "./statistics.ts";

export type TargetName = "limit" | "ours";
/** A `detail` explains another metric and stands in a table of its own. */
export type Metric = { name: string; unit: string; budget?: Budget; detail?: boolean };

export type Row = {
  metric: string;
  unit: string;
  detail: boolean;
  limit?: number;
  ours?: number;
  ratio?: number;
  budget?: string;
  /** Absent where there is no budget, or nothing was measured. */
  met?: boolean;
  /** Every measured value, in order. */
  runs: Record<TargetName, readonly number[]>;
};

/** Collects measured values; each metric keeps its place of the first time it was named. */
export function createResults() {
  const values = new Map<Metric, Record<TargetName, number[]>>();
  return {
    add: (metric: Metric, target: TargetName, ...measured: readonly number[]): void => {
      const known = values.get(metric) ?? { limit: [], ours: [] };
      known[target].push(...measured);
      values.set(metric, known);
    },
    rows: (): Row[] => [...values].map(([metric, runs]) => toRow(metric, runs)),
  };
}
export type Results = ReturnType<typeof createResults>;

function toRow({ name, unit, budget, detail = false }: Metric, runs: Row["runs"]): Row {
  const limit = runs.limit.length > 0 ? median(runs.limit) : undefined;
  const ours = runs.ours.length > 0 ? median(runs.ours) : undefined;
  return {
    metric: name,
    unit,
    detail,
    ...(limit !== undefined && { limit }),
    ...(ours !== undefined && { ours }),
    ...(limit !== undefined && ours !== undefined && limit !== 0 && { ratio: ours / limit }),
    ...(budget && { budget: describeBudget(budget) }),
    ...(budget && ours !== undefined && { met: isMet(budget, ours, limit) }),
    runs,
  };
}
