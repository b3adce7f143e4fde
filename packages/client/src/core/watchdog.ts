import type { Cancel, Clock } from "./clock.ts";

/** Notices a link on which nothing arrives any more. */
export interface Watchdog {
  start(tickIntervalMs: number): void;
  stop(): void;
  /** Anything arrived. */
  heard(): void;
  readonly lastHeardMs: number;
  pause(): () => void;
}

/** `onSilent` is called when nothing was heard for more than two tick intervals. */
export function createWatchdog(clock: Clock, onSilent: () => void): Watchdog {
  let intervalMs: number | undefined;
  let lastHeardMs = clock.now();
  let pauses = 0;
  let cancel: Cancel = () => {};

  const schedule = (atMs: number): void => {
    cancel();
    if (intervalMs === undefined || pauses > 0) return;
    cancel = clock.at(atMs, () => check(atMs));
  };
  const check = (dueMs: number): void => {
    if (intervalMs === undefined) return;
    const nowMs = clock.now();
    const silentAtMs = lastHeardMs + 2 * intervalMs + 1;
    if (nowMs < silentAtMs) return schedule(silentAtMs);
    // The whole process slept: what arrived meanwhile is read after this timer.
    if (nowMs - dueMs > intervalMs) return schedule(nowMs + intervalMs);
    onSilent();
  };
  const restart = (): void => {
    lastHeardMs = clock.now();
    if (intervalMs !== undefined) schedule(lastHeardMs + 2 * intervalMs + 1);
  };

  return {
    start: (tickIntervalMs) => {
      intervalMs = tickIntervalMs;
      restart();
    },
    stop: () => {
      intervalMs = undefined;
      cancel();
    },
    heard: () => {
      lastHeardMs = clock.now();
    },
    get lastHeardMs() {
      return lastHeardMs;
    },
    pause: () => {
      let isPaused = true;
      pauses++;
      cancel();
      return () => {
        if (!isPaused) return;
        isPaused = false;
        pauses--;
        if (pauses === 0) restart();
      };
    },
  };
}
