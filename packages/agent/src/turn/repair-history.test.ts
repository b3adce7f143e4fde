import type { AssistantMessage, TranscriptMessage } from "@openclaw-gateway/protocol";
import { zeroUsage } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { repairHistory, toolCallsOf } from "./repair-history.ts";

const assistant = (
  content: AssistantMessage["content"],
  stopReason: AssistantMessage["stopReason"] = "stop",
): TranscriptMessage => ({
  role: "assistant",
  content,
  api: "openai-completions",
  provider: "p",
  model: "m",
  usage: zeroUsage(),
  stopReason,
  timestamp: 2,
});
const says = (text: string) => assistant([{ type: "text", text }]);
const calls = (...ids: string[]) =>
  assistant(
    ids.map((id) => ({ type: "toolCall", id, name: "read", arguments: {} })),
    "toolUse",
  );
const user = (text: string): TranscriptMessage => ({ role: "user", content: [{ type: "text", text }], timestamp: 1 });
const result = (toolCallId: string, text = "found"): TranscriptMessage => ({
  role: "toolResult",
  toolCallId,
  toolName: "read",
  content: [{ type: "text", text }],
  isError: false,
  timestamp: 3,
});

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

test("a person speaks first", () => {
  expect(repairHistory([says("hello"), user("a")]).map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
});

const id = fc.constantFrom("1", "2", "3");
const message: fc.Arbitrary<TranscriptMessage> = fc.oneof(
  fc.string().map(user),
  fc.string().map(says),
  fc.array(id, { maxLength: 3 }).map((ids) => calls(...ids)),
  id.map((each) => result(each)),
  fc.constantFrom("error", "aborted").map((reason) => assistant([{ type: "text", text: "half" }], reason)),
);

test("any history becomes one that every provider takes, and stays so", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), (history) => {
      const repaired = repairHistory(history);
      expect(repairHistory(repaired)).toEqual(repaired);
      expect(repaired[0]?.role ?? "user").toBe("user");
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
