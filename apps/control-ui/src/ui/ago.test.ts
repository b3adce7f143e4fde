import { expect, test } from "vitest";
import { agoText } from "./ago.tsx";

test.each([
  [0, "just now"],
  [-5_000, "just now"],
  [59_999, "just now"],
  [60_000, "1 minute ago"],
  [7_300_000, "2 hours ago"],
  [86_400_000, "yesterday"],
  [864_000_000, "10 days ago"],
])("%i ms ago is %s", (sinceMs, words) => {
  expect(agoText(1_000_000_000 - sinceMs, 1_000_000_000, "en")).toBe(words);
});
