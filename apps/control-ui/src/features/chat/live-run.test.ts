import { expect, test } from "vitest";
import { referencesOfResult, startRun, stepRun, textOfResult } from "./live-run.ts";

const reference = { id: "a".repeat(64), kind: "text", bytes: 50_000 };
const result = {
  content: [
    { type: "text", text: "the beginning", reference },
    { type: "text", text: "small" },
  ],
};

test("a tool that ends leaves its text and what is kept apart of it", () => {
  const step = (phase: string, more: object) => ({
    stream: "tool",
    data: { toolCallId: "t", name: "read", phase, ...more },
  });
  let run = stepRun(startRun("r", "s"), step("start", { args: { path: "x" } }));
  run = stepRun(run, step("result", { result }));
  expect(run.tools).toEqual([
    {
      toolCallId: "t",
      name: "read",
      args: { path: "x" },
      output: "the beginning\nsmall",
      references: [reference],
      status: "done",
    },
  ]);
});

test.each([
  undefined,
  "text",
  { content: "text" },
  { content: [null, 1, { text: "x", reference: null }] },
  { content: [{ reference: { id: "a", kind: "other", bytes: 1 } }] },
  { content: [{ reference: { id: 1, kind: "text", bytes: 1 } }] },
])("%j refers to nothing", (given) => {
  expect(referencesOfResult(given)).toEqual([]);
  expect(typeof textOfResult(given)).toBe("string");
});
