import type { Clock } from "@openclaw-gateway/server";

export type StallTimeouts = {
  /** Until the provider says anything. */
  firstByteMs: number;
  /** Between two things it says. */
  idleMs: number;
};

export const defaultStallTimeouts: StallTimeouts = { firstByteMs: 120_000, idleMs: 120_000 };

/** Aborts a model call that has gone quiet. */
export function createWatchdog(clock: Clock, timeouts: StallTimeouts) {
  const controller = new AbortController();
  const startedAt = clock.now();
  let dueAt = startedAt + timeouts.firstByteMs;
  let hasSpoken = false;
  // One timer that is pushed along, rather than a new one for every token.
  let cancel = clock.at(dueAt, check);

  function check(): void {
    if (clock.now() >= dueAt) controller.abort();
    else cancel = clock.at(dueAt, check);
  }

  return {
    signal: controller.signal,
    get hasStalled(): boolean {
      return controller.signal.aborted;
    },
    get reason(): string {
      return hasSpoken
        ? `the model provider sent nothing for ${timeouts.idleMs / 1000} s in the middle of its answer`
        : `the model provider did not answer within ${timeouts.firstByteMs / 1000} s`;
    },
    spoke: (): void => {
      if (!hasSpoken && timeouts.idleMs < timeouts.firstByteMs) {
        cancel();
        cancel = clock.at(clock.now() + timeouts.idleMs, check);
      }
      hasSpoken = true;
      dueAt = clock.now() + timeouts.idleMs;
    },
    stop: (): void => cancel(),
  };
}
