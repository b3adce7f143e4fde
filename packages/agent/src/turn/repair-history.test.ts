import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryTranscript, assistant, calls, result, says, summed, user } from "../testing/transcripts.ts";
import { repairHistory, toolCallsOf } from "./repair-history.ts";

test("a whole history stays as it is", () => {
  const history = [user("a"), calls("1", "2"), result("1"), result("2"), says("b"), user("c")];
  expect(repairHistory(history)).toEqual(history);
});

test("a call without a result gets one that says so", () => {
  const repaired = repairHistory([user("a"), calls("1"), user("b")]);
  expect(repaired.map(({ role }) => role)).toEqual(["user", "assistant", "toolResult", "user"]);
  expect(repaired[2]).toMatchObject({
    toolCallId: "1",
    isError: true,
    content: [{ text: expect.stringContaining("interrupted") }],
  });
});

test("a result that comes late, after what a person said, is put behind its call", () => {
  expect(repairHistory([user("a"), calls("1"), user("b"), result("1")])).toEqual([
    user("a"),
    calls("1"),
    result("1"),
    user("b"),
  ]);
});

test("results without a call, second results, empty and failed answers are left out", () => {
  const failed = assistant(
    [
      { type: "text", text: "half" },
      { type: "toolCall", id: "9", name: "read", arguments: {} },
    ],
    "error",
  );
  const history = [
    user("a"),
    result("0"),
    assistant([]),
    says("  "),
    failed,
    result("9"),
    calls("1"),
    result("1"),
    result("1", "again"),
    user("b"),
  ];
  expect(repairHistory(history)).toEqual([user("a"), calls("1"), result("1"), user("b")]);
});

test("an id that comes again in another answer is made its own, with its result", () => {
  const first = [user("a"), calls("1"), result("1", "one")];
  expect(repairHistory([...first, calls("1"), result("1", "two"), says("b")])).toEqual([
    ...first,
    calls("1_2"),
    result("1_2", "two"),
    says("b"),
  ]);
});

test("a summary comes first or not at all", () => {
  expect(repairHistory([summed("s"), says("a"), summed("t"), user("b")])).toEqual([summed("s"), says("a"), user("b")]);
});

test("a person speaks first", () => {
  expect(repairHistory([says("hello"), user("a")]).map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
});

test("a history cut off anywhere is repaired without touching what was whole before", () => {
  const whole = [user("a"), calls("1", "2"), result("1"), result("2"), says("b"), user("c"), calls("3"), result("3")];
  for (let length = 0; length <= whole.length; length++) {
    const repaired = repairHistory(whole.slice(0, length));
    const dangling = repaired.filter((message) => message.role === "toolResult" && message.isError);
    expect(repaired.slice(0, repaired.length - dangling.length)).toEqual(whole.slice(0, length));
  }
});

test("any history becomes one that every provider takes, and stays so", () => {
  fc.assert(
    fc.property(arbitraryTranscript, (history) => {
      const repaired = repairHistory(history);
      expect(repairHistory(repaired)).toEqual(repaired);
      expect(["user", "system"]).toContain(repaired[0]?.role ?? "user");
      const ids = repaired.flatMap((each) => (each.role === "assistant" ? toolCallsOf(each).map(({ id }) => id) : []));
      expect(new Set(ids).size).toBe(ids.length);
      // Nothing a person said is lost or moved among what persons said.
      const persons = (messages: TranscriptMessage[]) =>
        messages.filter((each) => each.role === "user" && history.includes(each));
      expect(persons(repaired)).toEqual(persons(history));
      for (let index = 0; index < repaired.length; index++) {
        const entry = repaired[index];
        if (entry?.role === "toolResult") throw new Error("a result without its call");
        if (entry?.role !== "assistant") continue;
        expect(entry.stopReason).not.toBe("error");
        for (const call of toolCallsOf(entry)) {
          index++;
          expect(repaired[index]).toMatchObject({ role: "toolResult", toolCallId: call.id });
        }
      }
    }),
  );
});
