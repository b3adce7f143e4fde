import type { Clock } from "@openclaw-gateway/server";

export type StallTimeouts = {
  /** Until the provider says anything. */
  firstByteMs: number;
  /** Between two things it says. */
  idleMs: number;
};

export const defaultStallTimeouts: StallTimeouts = { firstByteMs: 120_000, idleMs: 120_000 };

export type Watchdog = {
  /** Aborts when the provider has been quiet for too long. */
  readonly signal: AbortSignal;
  readonly reason: string;
  spoke(): void;
  stop(): void;
};

/** Watches over one model call. */
export function createWatchdog(clock: Clock, timeouts: StallTimeouts): Watchdog {
  const controller = new AbortController();
  let dueAt = clock.now() + timeouts.firstByteMs;
  let hasSpoken = false;
  // One timer that is pushed along, rather than a new one for every token.
  let cancel = clock.at(dueAt, check);

  function check(): void {
    if (clock.now() >= dueAt) controller.abort();
    else cancel = clock.at(dueAt, check);
  }

  return {
    signal: controller.signal,
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
