/** Takes a timer back; one that has fired is none any more. */
export type Cancel = () => void;

/** Time as a parameter. Milliseconds since the epoch; `at` fires once, never early. */
export interface Clock {
  now(): number;
  at(ms: number, fire: () => void): Cancel;
}

/** The timers of the platform. A client that waits for its next attempt keeps a Node process alive until it is closed. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at: (ms, fire) => {
    const timer = setTimeout(fire, Math.max(0, ms - Date.now()));
    return () => clearTimeout(timer);
  },
};
