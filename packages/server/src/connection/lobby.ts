import type { Cancel, Clock } from "../platform/clock.ts";
import { createQueueOf } from "../platform/queue-of.ts";

/** A peer that has said nothing yet. `wake` makes a connection of it, for which the same deadline holds. */
type Sleeper = { readonly deadlineMs: number; wake(): void };

/** Peers before their first word, all with the same time for it: one timer serves them. */
export function createLobby(clock: Clock) {
  const sleepers = createQueueOf<Sleeper>();
  let cancel: Cancel | undefined;

  function arm(): void {
    if (cancel || !sleepers.oldest) return;
    cancel = clock.at(sleepers.oldest.deadlineMs, () => {
      cancel = undefined;
      const now = clock.now();
      while (sleepers.oldest && sleepers.oldest.deadlineMs <= now) sleepers.oldest.wake();
      arm();
    });
  }

  return {
    /** Returns how to leave, which whoever wakes has to do. */
    enter: (sleeper: Sleeper): (() => void) => {
      const leave = sleepers.add(sleeper);
      arm();
      return leave;
    },
    wakeAll: (): void => {
      for (const sleeper of sleepers.all()) sleeper.wake();
    },
  };
}
