export type Cancel = () => void;

/** Time as a parameter. Milliseconds since the epoch; `at` fires once, never early. */
export interface Clock {
  now(): number;
  at(ms: number, fire: () => void): Cancel;
}

/** Timers never keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at: (ms, fire) => {
    const timer = setTimeout(fire, Math.max(0, ms - Date.now()));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
