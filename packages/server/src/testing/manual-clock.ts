import type { Clock } from "../platform/clock.ts";

/** A clock that stands still until a test moves it; timers fire in order of their time. */
export function createManualClock(startMs = 1_000_000): Clock & { advance(ms: number): void } {
  let now = startMs;
  let order = 0;
  const timers = new Map<number, { at: number; fire: () => void }>();
  return {
    now: () => now,
    at: (ms, fire) => {
      const id = order++;
      timers.set(id, { at: ms, fire });
      return () => void timers.delete(id);
    },
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, timer]) => timer.at <= end)
          .sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].fire();
      }
      now = end;
    },
  };
}
