import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { createWatchdog } from "./watchdog.ts";

/** Timers fire when told, however late that is. */
function createLateClock(): Clock & { wakeAt(ms: number): void } {
  let nowMs = 0;
  let next: (() => void) | undefined;
  return {
    now: () => nowMs,
    at: (_, fire) => {
      next = fire;
      return () => {
        if (next === fire) next = undefined;
      };
    },
    wakeAt: (ms) => {
      nowMs = ms;
      const fire = next;
      next = undefined;
      fire?.();
    },
  };
}

test("a process that slept gets one more interval to read what arrived meanwhile", () => {
  const clock = createLateClock();
  let silences = 0;
  const watchdog = createWatchdog(clock, () => silences++);
  watchdog.start(1_000);
  clock.wakeAt(3_600_000);
  expect(silences).toBe(0);
  watchdog.heard();
  clock.wakeAt(3_601_000);
  expect(silences).toBe(0);
  clock.wakeAt(3_602_001);
  expect(silences).toBe(1);
});

test("pauses nest, and a resume counts once", () => {
  const clock = createLateClock();
  let silences = 0;
  const watchdog = createWatchdog(clock, () => silences++);
  watchdog.start(1_000);
  const [first, second] = [watchdog.pause(), watchdog.pause()];
  first();
  first();
  clock.wakeAt(2_001);
  expect(silences).toBe(0);
  second();
  clock.wakeAt(4_002);
  expect(silences).toBe(1);
});

test("a stopped watchdog says nothing, also after a pause", () => {
  const clock = createLateClock();
  let silences = 0;
  const watchdog = createWatchdog(clock, () => silences++);
  watchdog.start(1_000);
  const resume = watchdog.pause();
  watchdog.stop();
  resume();
  clock.wakeAt(10_000);
  expect(silences).toBe(0);
});
