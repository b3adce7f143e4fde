import type { Clock } from "@openclaw-gateway/server";

/** The time of the machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  at: (atMs, fire) => {
    const timer = setTimeout(fire, Math.max(0, atMs - Date.now()));
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved. */
export function createManualClock(startMs = 1_000_000) {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; fire: () => void }>();
  let added = Promise.withResolvers<void>();
  const clock = {
    now: () => nowMs,
    at: (atMs: number, fire: () => void) => {
      const timer = { atMs, fire };
      timers.add(timer);
      added.resolve();
      added = Promise.withResolvers<void>();
      return () => void timers.delete(timer);
    },
    /** Moves time on and fires what becomes due, in order. */
    advance: (ms: number) => {
      const endMs = nowMs + ms;
      for (;;) {
        const [due] = [...timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
        if (!due) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.fire();
      }
      nowMs = endMs;
    },
    /** Waits until somebody waits for exactly this long. */
    sleeping: async (ms: number) => {
      while (![...timers].some(({ atMs }) => atMs === nowMs + ms)) await added.promise;
    },
  };
  return clock satisfies Clock;
}
