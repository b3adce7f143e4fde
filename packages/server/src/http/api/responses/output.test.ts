import type { CallerStep } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createOutput, type OutputEvent, type OutputItem } from "./output.ts";

const text = (delta: string): CallerStep => ({ type: "text", delta });
const reasoning = (delta: string): CallerStep => ({ type: "reasoning", delta });
const end: CallerStep = { type: "part-end" };
const again: CallerStep = { type: "part-void" };
const call = (callId: string) => ({ callId, name: "look", arguments: { at: callId } });

function tell(steps: readonly CallerStep[], how: "finish" | "break" = "finish") {
  const output = createOutput("resp_1");
  const events = steps.flatMap((step) => [...output.take(step)]);
  events.push(...(how === "finish" ? output.finish({}, false) : output.breakOff()));
  return { events, items: output.items };
}

/** Pieces of a model call: thoughts and words in any order, perhaps told once in vain before. */
const part = fc
  .tuple(fc.array(fc.tuple(fc.boolean(), fc.string({ minLength: 1, maxLength: 4 })), { maxLength: 6 }), fc.boolean())
  .map(([pieces, isRepeated]): CallerStep[] => {
    const told = pieces.map(([isWord, delta]) => (isWord ? text(delta) : reasoning(delta)));
    return [...(isRepeated ? [...told.slice(0, 2), again] : []), ...told, end];
  });
const turn = fc
  .tuple(fc.array(part, { maxLength: 4 }), fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 3 }))
  .map(([parts, ids]): CallerStep[] => [
    ...parts.flat(),
    ...(ids.length > 0 ? [{ type: "calls" as const, calls: ids.map(call) }] : []),
  ]);

/** What one item may be told in, as the letters of its events. */
const grammars: Readonly<Record<OutputItem["type"], RegExp>> = {
  message: /^added part\+ (delta )*text\. part\. done$/,
  reasoning: /^added part\+ (delta )*text\. part\. done$/,
  function_call: /^added (delta )+text\. done$/,
};
const words: Readonly<Record<string, string>> = {
  "response.output_item.added": "added",
  "response.content_part.added": "part+",
  "response.reasoning_summary_part.added": "part+",
  "response.output_text.delta": "delta",
  "response.reasoning_summary_text.delta": "delta",
  "response.function_call_arguments.delta": "delta",
  "response.output_text.done": "text.",
  "response.reasoning_summary_text.done": "text.",
  "response.function_call_arguments.done": "text.",
  "response.content_part.done": "part.",
  "response.reasoning_summary_part.done": "part.",
  "response.output_item.done": "done",
};

const textOf = (item: OutputItem): string => {
  if (item.type === "message") return item.content.map((each) => each.text).join("");
  return item.type === "reasoning" ? item.summary.map((each) => each.text).join("") : item.arguments;
};

/** What is wrong with the telling of these items. */
function problemsOf({ events, items }: { events: readonly OutputEvent[]; items: readonly OutputItem[] }): string[] {
  const indexes = events.map((event) => Number(event["output_index"]));
  const isInOrder = indexes.every((index, at) => index >= (indexes[at - 1] ?? 0));
  const problems = items.flatMap((item, index) => {
    const own = events.filter((event) => event["output_index"] === index);
    const deltas = own.flatMap((event) => ("delta" in event ? [event["delta"]] : [])).join("");
    const shape = own.map(({ type }) => words[type]).join(" ");
    return [
      grammars[item.type].test(shape) ? "" : `item ${index} is told as ${shape}`,
      deltas === textOf(item) ? "" : `the pieces of item ${index} are not the whole`,
      own.at(-1)?.["item"] === item ? "" : `item ${index} is not told at its end`,
      own.every((event) => !("item_id" in event) || event["item_id"] === item.id) ? "" : `item ${index} changes its id`,
    ];
  });
  return [
    ...problems,
    isInOrder ? "" : "two items are told at the same time",
    new Set(items.map(({ id }) => id)).size === items.length ? "" : "two items have the same id",
    new Set(indexes).size === items.length ? "" : "an item is told that is not there",
  ].filter((problem) => problem !== "");
}

describe("the output of any turn", () => {
  test("is told in order, and its pieces are the whole", () => {
    fc.assert(
      fc.property(turn, (steps) => {
        expect(problemsOf(tell(steps))).toEqual([]);
      }),
    );
  });

  test("that breaks off is what had been told", () => {
    fc.assert(
      fc.property(turn, fc.nat({ max: 12 }), (steps, length) => {
        expect(problemsOf(tell(steps.slice(0, length), "break"))).toEqual([]);
      }),
    );
  });

  test("has the same words when what was taken back is left out", () => {
    const wordsOf = (items: readonly OutputItem[]) =>
      items.flatMap((item) => (item.type === "reasoning" ? [] : [textOf(item)])).join("");
    fc.assert(
      fc.property(turn, (steps) => {
        const settled = steps.filter((_, at) => {
          const next = steps.slice(at).find(({ type }) => type === "part-void" || type === "part-end");
          return next?.type !== "part-void";
        });
        expect(wordsOf(tell(steps).items)).toBe(wordsOf(tell(settled).items));
      }),
    );
  });
});

test.each<[string, CallerStep[], [string, string][]]>([
  ["a turn without a word has an empty message", [end], [["message", ""]]],
  ["a call alone needs none", [end, { type: "calls", calls: [call("c")] }], [["function_call", '{"at":"c"}']]],
  ["texts of two model calls are one message", [text("a"), end, text("b"), end], [["message", "a\n\nb"]]],
  [
    "thoughts stand between words",
    [reasoning("h"), reasoning("m"), text("a"), end, reasoning("x"), text("b"), end],
    [
      ["reasoning", "hm"],
      ["message", "a"],
      ["reasoning", "x"],
      ["message", "\n\nb"],
    ],
  ],
  [
    "a call that was made again goes on where the first had come to",
    [text("ab"), again, text("abc"), end],
    [["message", "abc"]],
  ],
])("%s", (_, steps, expected) => {
  expect(tell(steps).items.map((item) => [item.type, textOf(item)])).toEqual(expected);
});

test("what no step has told comes at the end, and only once", () => {
  const output = createOutput("resp_1");
  const first = [...output.take(text("a")), ...output.take({ type: "calls", calls: [call("1")] })];
  const last = [...output.finish({ text: "a", calls: [call("1"), call("2")] }, false)];
  expect(problemsOf({ events: [...first, ...last], items: output.items })).toEqual([]);
  expect(output.items.map(({ type }) => type)).toEqual(["message", "function_call", "function_call"]);
});

test("a text that is cut is incomplete", () => {
  const output = createOutput("resp_1");
  Array.from(output.take(text("a")));
  Array.from(output.finish({}, true));
  expect(output.items).toMatchObject([{ status: "incomplete" }]);
});
