import type { Clock } from "../core/index.ts";

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time on and fires what becomes due, in order, each at its own time. */
  advance(ms: number): void;
  /** Timers that have not fired. */
  readonly waiting: number;
}

/** Makes a clock that shows `startMs` until it is moved. */
export function createManualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; fire: () => void }>();
  return {
    now: () => nowMs,
    at: (atMs, fire) => {
      const timer = { atMs, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        const [due] = [...timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
        if (due === undefined) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.fire();
      }
      nowMs = endMs;
    },
    get waiting() {
      return timers.size;
    },
  };
}
