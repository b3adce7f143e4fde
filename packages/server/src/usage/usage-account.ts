import type { Usage } from "@openclaw-gateway/protocol";
import type { ModelRef } from "../runtime/agent-runtime.ts";
import { dayOf, noCounts, type UsageDelta, type UsageOwner } from "./usage-store.ts";

/** Collects what one turn (or something that is none) uses until it is written: what is drained is counted and starts again from nothing. */
export function createUsageAccount(
  owner: UsageOwner,
  { budgets = [], isTurn = true }: { budgets?: readonly string[]; isTurn?: boolean } = {},
) {
  let pending: UsageDelta[] = [];
  let isTurnCounted = !isTurn;

  function of(model: ModelRef, at: number): UsageDelta {
    const known = pending.find(
      (delta) => delta.provider === model.provider && delta.model === model.id && dayOf(delta.at) === dayOf(at),
    );
    if (known) return known;
    const delta = { ...owner, ...noCounts(), at, provider: model.provider, model: model.id, budgets };
    if (!isTurnCounted) delta.turns = 1;
    isTurnCounted = true;
    pending.push(delta);
    return delta;
  }

  return {
    /** One answer of a model. */
    call: (model: ModelRef, usage: Usage, at: number, isUnpriced = false): void => {
      const delta = of(model, at);
      delta.calls++;
      if (isUnpriced) delta.unpricedCalls++;
      delta.input += Math.round(usage.input);
      delta.output += Math.round(usage.output);
      delta.cacheRead += Math.round(usage.cacheRead);
      delta.cacheWrite += Math.round(usage.cacheWrite);
      delta.totalTokens += Math.round(usage.totalTokens);
      delta.inputCost += usage.cost.input;
      delta.outputCost += usage.cost.output;
      delta.cacheReadCost += usage.cost.cacheRead;
      delta.cacheWriteCost += usage.cost.cacheWrite;
      delta.totalCost += usage.cost.total;
    },
    tool: (model: ModelRef, at: number): void => void of(model, at).toolCalls++,
    failure: (model: ModelRef, at: number): void => void of(model, at).errors++,
    drain: (): UsageDelta[] => {
      const drained = pending;
      pending = [];
      return drained;
    },
  };
}
