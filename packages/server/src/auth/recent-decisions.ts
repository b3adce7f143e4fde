import type { Clock } from "../platform/clock.ts";

export type PairingDecision = "approved" | "rejected";

/** Longer than a page goes on asking about its request. */
const keptMs = 600_000;
const maxKept = 1_000;

/** What became of the latest pairing requests, for pages that wait for the answer without a connection. */
export function createRecentDecisions(clock: Clock) {
  const kept = new Map<string, { decision: PairingDecision; atMs: number }>();
  return {
    note: (requestId: string, decision: PairingDecision): void => {
      kept.set(requestId, { decision, atMs: clock.now() });
      const [oldest] = kept.keys();
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    },
    of: (requestId: string): PairingDecision | undefined => {
      const found = kept.get(requestId);
      return found && clock.now() - found.atMs < keptMs ? found.decision : undefined;
    },
  };
}
