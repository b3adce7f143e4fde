import { expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { createTally, type Repeated } from "./tally.ts";

function open(maxKeys = 3) {
  const clock = createManualClock(0);
  const told: Repeated<string>[] = [];
  const tally = createTally<string>({
    clock,
    windowMs: 100,
    maxKeys,
    others: () => "others",
    tell: (one) => told.push(one),
  });
  return { clock, told, tally };
}

test("the first is told at once, the rest of its window as one", () => {
  const { clock, told, tally } = open();
  for (let at = 0; at < 5; at++) {
    tally.add("a", `a${at}`);
    clock.advance(10);
  }
  expect(told).toEqual([{ value: "a0", count: 1, firstAt: 0, lastAt: 0 }]);
  clock.advance(100);
  expect(told.slice(1)).toEqual([{ value: "a4", count: 4, firstAt: 10, lastAt: 40 }]);
  tally.add("a", "again");
  expect(told).toHaveLength(3);
});

test("a window in which nothing came again tells nothing more", () => {
  const { clock, told, tally } = open();
  tally.add("a", "a");
  clock.advance(1_000);
  expect(told).toHaveLength(1);
});

test("however many different ones there are, the rows of a window are bounded and none is lost", () => {
  const { clock, told, tally } = open(3);
  for (let key = 0; key < 10_000; key++) tally.add(`k${key}`, `v${key}`);
  clock.advance(100);
  expect(told.length).toBeLessThanOrEqual(2 * (3 + 1));
  expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  expect(told.map(({ value }) => value)).toEqual(["v0", "v1", "v2", "others", "others"]);
});

test("a flush tells what was counted", () => {
  const { told, tally } = open();
  tally.add("a", "a");
  tally.add("a", "a");
  tally.flush();
  expect(told.map(({ count }) => count)).toEqual([1, 1]);
});
