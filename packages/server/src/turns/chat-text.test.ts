import fc from "fast-check";
import { expect, test } from "vitest";
import { createChatText } from "./chat-text.ts";

test("text after a tool call goes on in the same message", () => {
  const text = createChatText();
  text.add("Let me run a tool.");
  expect(text.tell()).toEqual({ text: "Let me run a tool.", deltaText: "Let me run a tool.", replace: false });
  text.finishPart();
  expect(text.hasNews).toBe(false);
  text.add("Hello");
  expect(text.tell()).toEqual({ text: "Let me run a tool.\n\nHello", deltaText: "\n\nHello", replace: false });
});

test("a failed call takes back what it said", () => {
  const text = createChatText();
  text.add("kept");
  text.finishPart();
  text.add("void");
  text.tell();
  text.dropPart();
  text.add("new");
  expect(text.tell()).toEqual({ text: "kept\n\nnew", deltaText: "kept\n\nnew", replace: true });
});

test("whoever follows the deltas ends with the whole text", () => {
  const move = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), delta: fc.string() }),
    fc.record({ kind: fc.constantFrom("finish" as const, "drop" as const, "tell" as const) }),
  );
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      const text = createChatText();
      let followed = "";
      const follow = (): void => {
        const { deltaText, replace } = text.tell();
        followed = replace ? deltaText : followed + deltaText;
      };
      for (const next of moves) {
        if (next.kind === "add") text.add(next.delta);
        else if (next.kind === "finish") text.finishPart();
        else if (next.kind === "drop") text.dropPart();
        else follow();
      }
      follow();
      expect(followed).toBe(text.whole);
    }),
  );
});
