import type { CallerStep } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrowingText } from "./growing-text.ts";

const text = (delta: string): CallerStep => ({ type: "text", delta });
const end: CallerStep = { type: "part-end" };
const again: CallerStep = { type: "part-void" };

const tell = (steps: readonly CallerStep[]): string => {
  const growing = createGrowingText();
  return steps.map((step) => growing.take(step)).join("");
};

describe("what a reader is told", () => {
  test.each<[string, CallerStep[], string]>([
    ["the text", [text("a"), text("b"), end], "ab"],
    ["the texts of two calls with a line between them", [text("a"), end, text("b"), end], "a\n\nb"],
    ["nothing for a call without text", [end, text("b"), end, end, text("c")], "b\n\nc"],
    ["only what is new of a call that was made again", [text("ab"), again, text("a"), text("bc"), end], "abc"],
    ["nothing twice of one made again often", [text("ab"), again, text("a"), again, text("abc"), end], "abc"],
    ["no thoughts", [{ type: "reasoning", delta: "hm" }, text("a")], "a"],
  ])("%s", (_, steps, expected) => {
    expect(tell(steps)).toBe(expected);
  });

  test.each<[string, CallerStep[]]>([
    ["something else", [text("ab"), again, text("x")]],
    ["less", [text("ab"), again, text("a"), end]],
    ["nothing", [text("ab"), again, end]],
  ])("a second answer that says %s cannot be told", (_, steps) => {
    expect(() => tell(steps)).toThrow("its second answer is another one");
  });

  test("is the whole text, however it came", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 4 })), (parts) => {
        const steps = parts.flatMap((pieces) => [...pieces.slice(0, 2).map(text), again, ...pieces.map(text), end]);
        const whole = parts
          .map((pieces) => pieces.join(""))
          .filter((part) => part !== "")
          .join("\n\n");
        expect(tell(steps)).toBe(whole);
      }),
    );
  });

  test("is completed by what came without steps", () => {
    const growing = createGrowingText();
    growing.take(text("a"));
    expect(growing.rest("abc")).toBe("bc");
    expect(growing.rest("abc")).toBe("");
    expect(() => growing.rest("x")).toThrow("another one");
  });
});
