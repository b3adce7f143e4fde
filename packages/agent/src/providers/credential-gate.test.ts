import fc from "fast-check";
import { expect, test } from "vitest";
import { createManualClock } from "../testing/clocks.ts";
import { createCredentialGate, type Pass } from "./credential-gate.ts";

test("refusals of calls that were under way do not make the pause longer", () => {
  const clock = createManualClock();
  const gate = createCredentialGate(clock);
  const passes = [gate.take(), gate.take(), gate.take()];
  passes[0]?.limited(10_000);
  clock.advance(9_000);
  passes[1]?.limited(60_000);
  expect(gate.pauseMs()).toBe(1_000);
  clock.advance(1_000);
  passes[2]?.limited(60_000);
  expect(gate.pauseMs()).toBe(0);
});

test("after a pause calls go one, two, four at a time, then freely", () => {
  const clock = createManualClock();
  const gate = createCredentialGate(clock);
  gate.take().limited(1_000);
  clock.advance(1_000);
  const takeAll = (): Pass[] => {
    const passes: Pass[] = [];
    while (gate.hasRoom && passes.length < 100) passes.push(gate.take());
    return passes;
  };
  const sizes: number[] = [];
  for (let round = 0; round < 4; round++) {
    const passes = takeAll();
    sizes.push(passes.length);
    passes[0]?.accepted();
    for (const pass of passes.slice(1)) pass.released();
  }
  expect(sizes).toEqual([1, 2, 4, 8]);
  for (let round = 0; round < 3; round++) gate.take().accepted();
  expect(takeAll()).toHaveLength(100);
});

test("without a header the pauses double up to half a minute, and one success starts over", () => {
  const clock = createManualClock();
  const gate = createCredentialGate(clock, () => 1);
  const pauses: number[] = [];
  for (let round = 0; round < 7; round++) {
    gate.take().limited(undefined);
    pauses.push(gate.pauseMs());
    clock.advance(gate.pauseMs());
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  gate.take().accepted();
  gate.take().limited(undefined);
  expect(gate.pauseMs()).toBe(1_000);
});

test("somebody who waits is told of every change", async () => {
  const gate = createCredentialGate(createManualClock());
  const pass = gate.take();
  const change = gate.change();
  pass.released();
  await change;
  expect(gate.hasRoom).toBe(true);
});

test("a pause ends when it was said to end, whatever happens meanwhile", () => {
  const move = fc.record({
    kind: fc.constantFrom("take", "limited", "accepted", "released"),
    which: fc.nat(9),
    ms: fc.nat(5_000),
  });
  const property = fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
    const clock = createManualClock();
    const gate = createCredentialGate(clock);
    const open: Pass[] = [];
    let until = 0;
    return moves.every(({ kind, which, ms }) => {
      if (kind === "take") open.push(gate.take());
      const pass = open[which % Math.max(1, open.length)];
      if (kind === "limited") pass?.limited(ms);
      if (kind === "accepted") pass?.accepted();
      if (kind === "released") pass?.released();
      const ends = clock.now() + gate.pauseMs();
      const hasMoved = until > clock.now() && ends !== until;
      if (gate.pauseMs() > 0) until = ends;
      clock.advance(which * 100);
      return !hasMoved;
    });
  });
  expect(() => fc.assert(property)).not.toThrow();
});
