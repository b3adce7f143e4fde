import type { StoredRun } from "../conversations/conversation-store.ts";
import type { Cancel } from "../platform/clock.ts";
import type { RunOutcome } from "./run-registry.ts";
import type { TurnDeps } from "./turns.ts";

/** How often the end of a run is tried to be written that the store did not take. */
const retryMs = 15_000;
/** Runs remembered for that at most; those beyond become `interrupted` with the next start. */
const maxRuns = 1_000;

/** Runs that ended without a place for their end: told to everybody now, written when the store takes it. */
export function createUnrecorded({
  conversations,
  plane,
  clock,
  log,
}: Pick<TurnDeps, "conversations" | "plane" | "clock" | "log">) {
  const open = new Map<string, number>();
  let cancel: Cancel | undefined;
  let isStopped = false;

  async function write(): Promise<void> {
    cancel = undefined;
    for (const [runId, endedAt] of open) {
      try {
        await conversations.finishRun(runId, { state: "failed", endedAt, error: reason });
        open.delete(runId);
      } catch (error) {
        log.warn({ runId, err: error }, "the end of a run can still not be recorded");
        break;
      }
    }
    schedule();
  }

  function schedule(): void {
    if (open.size > 0 && !isStopped) cancel ??= clock.at(clock.now() + retryMs, () => void write());
  }

  return {
    /** The end of runs that one turn would have answered. */
    end: (runs: readonly StoredRun[], startedAt: number | undefined): RunOutcome => {
      const endedAt = clock.now();
      for (const { runId, requestedKey, agentId } of runs) {
        if (open.size < maxRuns) open.set(runId, endedAt);
        plane.publish({
          event: "chat",
          payload: {
            runId,
            sessionKey: requestedKey,
            agentId,
            seq: 1,
            state: "error",
            errorMessage: reason,
            errorKind: "unknown",
          },
          audience: { kind: "all" },
        });
      }
      schedule();
      return { state: "failed", error: reason, payloads: [], startedAt, endedAt };
    },
    stop: (): void => {
      isStopped = true;
      cancel?.();
    },
  };
}

const reason = "the gateway could not record this turn; see its log";
