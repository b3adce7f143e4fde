import { expect, test } from "vitest";
import { textAfter } from "./text-after.ts";

test.each([
  ["", "", ""],
  ["all of it", "", "all of it"],
  ["Let me look.\n\nDone", "Let me look.", "Done"],
  ["Let me look.", "Let me look.", ""],
  ["Let me look. \n\nDone", "Let me look.\n\n", "Done"],
  ["Let me", "Let me look.", ""],
  ["Other words", "Let me look.", "Other words"],
])("%j after %j is %j", (whole, told, rest) => {
  expect(textAfter(whole, told)).toBe(rest);
});
