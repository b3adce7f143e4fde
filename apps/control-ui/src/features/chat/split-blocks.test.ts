import fc from "fast-check";
import { expect, test } from "vitest";
import { splitBlocks } from "./split-blocks.ts";

test.each([
  ["paragraphs", "one\n\ntwo", ["one\n", "two"]],
  ["a fence with blank lines", "a\n\n```\nx\n\ny\n```\n\nb", ["a\n", "```\nx\n\ny\n```\n", "b"]],
  ["a fence that is not closed yet", "a\n\n```\nx\n\ny", ["a\n", "```\nx\n\ny"]],
  ["a shorter fence inside", "````\n```\n\nx\n````\n\nb", ["````\n```\n\nx\n````\n", "b"]],
  ["a loose list", "1. a\n\n2. b\n\n   more\n\nend", ["1. a\n\n2. b\n\n   more\n", "end"]],
  ["reference definitions", "[a]\n\nb\n\n[a]: https://example.com", ["[a]\n\nb\n\n[a]: https://example.com"]],
  ["nothing", "\n\n", []],
])("%s", (_, markdown, blocks) => {
  expect(splitBlocks(markdown)).toEqual(blocks);
});

test("blocks are the text, and growing it only changes the last ones", () => {
  const line = fc.constantFrom("", "word", "- item", "```", "  indented", "# head", "| a |", "> quote");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.array(line, { maxLength: 5 }), (before, more) => {
      const text = before.join("\n");
      const blocks = splitBlocks(text);
      expect(blocks.join("\n").trim()).toBe(text.trim());
      const grown = splitBlocks([...before, ...more].join("\n"));
      for (const [index, block] of blocks.slice(0, -1).entries()) expect(grown[index]).toBe(block);
    }),
  );
});
