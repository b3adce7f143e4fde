import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { casesOf, propertySeed } from "./index.ts";

test("a property tells how many cases it was tried with, and the seed they came from", async () => {
  const told = vi.spyOn(console, "info").mockImplementation(() => {});
  let tried = 0;
  fc.assert(
    fc.property(fc.nat(), () => void tried++),
    { numRuns: casesOf(7) },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(), async () => void tried++),
    { numRuns: casesOf(7) },
  );
  const [first, second] = told.mock.calls.flat();
  told.mockRestore();
  expect(first).toMatch(new RegExp(`^a property tells.*: ${tried / 2} cases, PROPERTY_SEED=${propertySeed}$`));
  expect(second).toBe(first);
});

test("one that says nothing is tried with a thousand, and a failure names the smallest case", async () => {
  expect(fc.readConfigureGlobal().numRuns).toBe(casesOf());
  expect(() => fc.assert(fc.property(fc.nat(), (number) => number < 5))).toThrow(/Counterexample: \[5\]/);
  await expect(fc.assert(fc.asyncProperty(fc.nat(), async (number) => number < 5))).rejects.toThrow(
    "Counterexample: [5]",
  );
});
