import type { Cancel, Clock } from "../platform/clock.ts";

/** The same thing again: how often since the first time. */
export type Repeated<T> = { value: T; count: number; firstAt: number; lastAt: number };

export type TallyOptions<T> = {
  clock: Clock;
  windowMs: number;
  /** Different things counted at the same time; what comes beyond is told as one. */
  maxKeys: number;
  /** Takes the place of what comes beyond `maxKeys`. */
  others: (value: T) => T;
  /** Told the first time, and at the end of the window what came after it. */
  tell: (repeated: Repeated<T>) => void;
};

/**
 * Makes few rows of many equal happenings: the first is told at once, the rest of its window as one. So somebody who
 * knocks a million times, from any number of addresses, writes at most `2 * (maxKeys + 1)` rows a window.
 */
export function createTally<T>({ clock, windowMs, maxKeys, others, tell }: TallyOptions<T>) {
  const windows = new Map<string, Repeated<T> & { cancel: Cancel }>();
  const overflow = "\u0000";

  function close(key: string): void {
    const window = windows.get(key);
    if (!window) return;
    windows.delete(key);
    window.cancel();
    const { value, count, firstAt, lastAt } = window;
    if (count > 0) tell({ value, count, firstAt, lastAt });
  }

  return {
    add: (given: string, value: T): void => {
      const now = clock.now();
      const key = windows.has(given) || windows.size < maxKeys ? given : overflow;
      const known = windows.get(key);
      if (known) {
        if (known.count === 0) known.firstAt = now;
        known.count++;
        known.lastAt = now;
        known.value = key === overflow ? others(value) : value;
        return;
      }
      const kept = key === overflow ? others(value) : value;
      tell({ value: kept, count: 1, firstAt: now, lastAt: now });
      const cancel = clock.at(now + windowMs, () => close(key));
      windows.set(key, { value: kept, count: 0, firstAt: now, lastAt: now, cancel });
    },
    /** Tells everything that was counted so far. */
    flush: (): void => {
      for (const key of windows.keys()) close(key);
    },
  };
}
export type Tally<T> = ReturnType<typeof createTally<T>>;
