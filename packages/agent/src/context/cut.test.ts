import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryTranscript, calls, result, says, summed, user } from "../testing/transcripts.ts";
import { findCut } from "./cut.ts";
import { estimateMessages } from "./estimate.ts";

const long = "x".repeat(400);

test.each([
  ["nothing", [], 100, undefined],
  ["one message", [user("a")], 0, undefined],
  ["a summary and one message", [summed("s"), user("a")], 0, undefined],
  ["the last message stays whatever it weighs", [user("a"), says("b"), user(long)], 0, 2],
  ["a turn stays whole", [user(long), says(long), user("c"), says("d"), user("e")], 60, 2],
  ["not between a call and its result", [user("a"), calls("1"), result("1", long)], 10, 1],
  [
    "not between a call and a result that comes late",
    [user("a"), calls("1"), user("b"), result("1"), says("c")],
    12,
    4,
  ],
  [
    "a turn is parted when whole turns would leave next to nothing",
    [user("a"), says(long), says(long), user("b")],
    150,
    2,
  ],
])("%s", (_name, history, keep, at) => {
  expect(findCut(history, keep)).toBe(at);
});

test("the newest messages stay, no call is parted from its result, and something always goes", () => {
  fc.assert(
    fc.property(arbitraryTranscript, fc.nat(400), (history, keep) => {
      const cut = findCut(history, keep);
      if (cut === undefined) return;
      expect(cut).toBeGreaterThan(history[0]?.role === "system" ? 1 : 0);
      expect(cut).toBeLessThan(history.length);
      const kept = history.slice(cut);
      // Up to the next answer a result belongs to what is before the cut.
      const next = kept.findIndex(({ role }) => role === "assistant");
      expect(kept.slice(0, next < 0 ? kept.length : next).some(({ role }) => role === "toolResult")).toBe(false);
      // More than what may stay is kept only where no later place is.
      expect(estimateMessages(kept) <= keep || findCut(kept, 0) === undefined).toBe(true);
    }),
  );
});
