import { TurnReport as schema } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { createTranscriptWriter } from "./transcript-writer.ts";

const result = (text: string) => ({ content: [{ type: "text" as const, text }] });
const start = (toolCallId: string): object => ({ type: "tool-start", toolCallId, name: "read", args: { path: "x" } });
const end = (toolCallId: string): object => ({
  type: "tool-end",
  toolCallId,
  name: "read",
  result: result(toolCallId),
});
const text = (delta: string): object => ({ type: "text", delta });

/** Messages in short: what the assistant said and called, and whose results came. */
function transcriptOf(reports: readonly object[]): string[] {
  const writer = createTranscriptWriter("coder", () => 1);
  return reports
    .flatMap((report) => [...writer.take(schema.parse(report))])
    .flatMap((event) => {
      if (event.type !== "message") return [];
      const { message } = event;
      if (message.role === "toolResult") return [`result ${message.toolCallId}`];
      if (message.role !== "assistant") return [message.role];
      const said = message.content.map((part) =>
        part.type === "text" ? part.text : part.type === "thinking" ? `(${part.thinking})` : `call ${part.id}`,
      );
      return [`${message.stopReason}: ${said.join(", ")}`];
    });
}

test.each<[string, object[], string[]]>([
  ["text alone", [text("He"), text("llo"), { type: "end" }], ["stop: Hello"]],
  ["nothing", [{ type: "end" }], []],
  [
    "a tool",
    [text("Look. "), start("a"), end("a"), text("Done."), { type: "end" }],
    ["toolUse: Look. , call a", "result a", "stop: Done."],
  ],
  [
    "two tools at once",
    [start("a"), start("b"), end("b"), end("a"), text("x"), { type: "end", stopReason: "length" }],
    ["toolUse: call a, call b", "result b", "result a", "length: x"],
  ],
  [
    "text while a tool runs",
    [start("a"), text("Meanwhile."), end("a"), { type: "end" }],
    ["toolUse: call a", "result a", "stop: Meanwhile."],
  ],
  ["thoughts", [{ type: "reasoning", delta: "hm" }, text("x"), { type: "end" }], ["stop: (hm), x"]],
  ["an error after text", [text("x"), { type: "error", message: "no" }], []],
  ["an error after a call", [text("x"), start("a"), { type: "error", message: "no" }], ["toolUse: x, call a"]],
])("%s", (_, reports, transcript) => {
  expect(transcriptOf(reports)).toEqual(transcript);
});

test("usage counts for its model and stands in the message that follows", () => {
  const writer = createTranscriptWriter("coder", () => 1);
  const model = { provider: "acme", id: "one" };
  const usage = { type: "usage", input: 10, output: 5, costMicroUsd: 1_500, contextTokens: 15, model };
  const events = [text("x"), usage, { type: "end" }].flatMap((report) => [...writer.take(schema.parse(report))]);
  expect(events.map(({ type }) => type)).toEqual(["model", "text", "model", "usage", "message", "end"]);
  const counted = { input: 10, output: 5, totalTokens: 15, cost: { total: 0.0015 } };
  expect(events[3]).toMatchObject({ usage: counted, model, contextTokens: 15 });
  expect(events[4]).toMatchObject({ message: { provider: "acme", model: "one", usage: counted } });
});
