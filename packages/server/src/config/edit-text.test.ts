import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { editConfigText } from "./edit-text.ts";

const edit = (text: string, change: (content: never) => unknown): string => {
  const before: unknown = JSON5.parse(text);
  return editConfigText(text, before, change(structuredClone(before) as never));
};

const file = `// The gateway of the house.
{
  gateway: { port: 18789, /* local */ bind: 'loopback' },
  "agents": {
    // Who there is.
    list: [
      { id: "main" }, // the first
      { id: "work", name: "Work" },
    ],
  },
}
`;

describe("comments and layout stay", () => {
  test("a value", () => {
    expect(
      edit(file, (content: { gateway: { port: number } }) => ({
        ...content,
        gateway: { ...content.gateway, port: 1 },
      })),
    ).toBe(file.replace("18789", "1"));
  });
  test("a member at the end of a list with a trailing comma", () => {
    expect(
      edit(file, (content: { agents: { list: unknown[] } }) => ({
        ...content,
        agents: { list: [...content.agents.list, { id: "new" }] },
      })),
    ).toBe(file.replace('name: "Work" },\n', 'name: "Work" },\n      {\n        "id": "new"\n      }\n'));
  });
  test("a member taken out", () => {
    expect(
      edit(file, (content: { agents: { list: unknown[] } }) => ({
        ...content,
        agents: { list: content.agents.list.slice(0, 1) },
      })),
    ).toBe(file.replace('\n      { id: "work", name: "Work" },', ""));
  });
  test("a new key, on one line and on lines of its own", () => {
    expect(edit("{ a: 1 } // end", (content: object) => ({ ...content, b: 2 }))).toBe('{ a: 1, "b": 2 } // end');
    expect(edit("{\n\ta: 1 // one\n}", (content: object) => ({ ...content, b: [2] }))).toBe(
      '{\n\ta: 1,\n\t"b": [\n\t  2\n\t] // one\n}',
    );
    expect(edit("{}\n", () => ({ a: 1 }))).toBe('{\n  "a": 1\n}\n');
  });
  test("an unchanged content is an unchanged text", () => {
    expect(edit(file, (content) => content)).toBe(file);
  });
});

test.each([
  ["a key that is there twice", "{ a: 1, a: 2 }", () => ({})],
  ["everything", "{ a: 1, /* b */ b: 2 }", () => ({})],
  ["the last one, and another comes", '{ "a": 1, "b": [1, 2] }', () => ({ a: 1, c: 3 })],
  ["a list that becomes another", "{ a: [1, 2, 3] }", () => ({ a: [3, 1] })],
  ["text with the marks of comments", '{ a: "//", \'b\': "/* }" }', () => ({ a: "//", b: "/* ]" })],
  ["a name of Object.prototype", '{ "a": 1 }', () => ({ a: 1, constructor: 2 })],
  ["nothing but a comment", "{ /* empty */ }", () => ({ a: {} })],
])("%s", (_, text, after) => {
  expect(JSON5.parse(edit(text, after))).toEqual(after());
});

const content = fc.object({
  maxDepth: 3,
  key: fc.string({ maxLength: 6 }),
  values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
});
const plain = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value));

test("whatever changes to whatever, the text means what was asked", () => {
  fc.assert(
    fc.property(content, content, fc.boolean(), (one, two, isMixed) => {
      const [before, other] = [plain(one), plain(two)];
      const after = isMixed ? { ...before, ...other } : other;
      for (const text of [
        JSON.stringify(before, undefined, 2),
        JSON5.stringify(before, undefined, "\t"),
        JSON.stringify(before),
      ]) {
        expect(JSON5.parse(editConfigText(text, JSON5.parse(text), after))).toEqual(after);
      }
    }),
    { numRuns: casesOf(300) },
  );
});
