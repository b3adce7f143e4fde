import fc from "fast-check";
import { expect, test } from "vitest";
import { isWithinDepth } from "./depth.ts";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

test("as many arrays and objects in each other as are allowed, and none more", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat({ max: 8 }), (value, max) => {
      expect(isWithinDepth(value, max)).toBe(depthOf(value) <= max);
    }),
  );
});

test("what is too deep for the stack is only too deep", () => {
  let value: unknown = 1;
  for (let n = 0; n < 100_000; n++) value = [value];
  expect(isWithinDepth(value, 50)).toBe(false);
});
