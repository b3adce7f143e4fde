import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../api-error.ts";
import { type ChatMessage, readMessages } from "./messages.ts";
import { readChatRequest } from "./request.ts";

function refusalOf(body: object): unknown {
  try {
    readMessages(readChatRequest(body).messages);
    return undefined;
  } catch (error) {
    return error;
  }
}

const user = { role: "user", content: "x" };

describe("what is read of a request", () => {
  test.each<[object, object]>([
    [{}, { model: "openclaw", isStream: false, includesUsage: false, sampling: undefined, format: undefined }],
    [
      { model: "openclaw/work", user: " me " },
      { model: "openclaw/work", user: "me" },
    ],
    [{ max_tokens: 5 }, { sampling: { maxOutputTokens: 5 } }],
    [{ max_tokens: 5, max_completion_tokens: 7 }, { sampling: { maxOutputTokens: 7 } }],
    [{ stop: "END", temperature: 0 }, { sampling: { stop: ["END"], temperature: 0 } }],
    [
      { temperature: null, stop: null, tools: null },
      { sampling: undefined, tools: undefined },
    ],
    [{ response_format: { type: "text" } }, { format: undefined }],
    [{ response_format: { type: "json_object" } }, { format: {} }],
    [
      { response_format: { type: "json_schema", json_schema: { name: "a", strict: true, schema: {} } } },
      { format: { name: "a", strict: true, schema: {} } },
    ],
    [{ reasoning_effort: "none" }, { thinking: "off" }],
    [{ reasoning_effort: "low" }, { thinking: "low" }],
    [{ tool_choice: "none" }, { toolChoice: "none" }],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, { toolChoice: { name: "f" } }],
    [
      { tools: [{ type: "function", function: { name: "f", description: null, strict: null, parameters: { a: 1 } } }] },
      { tools: [{ name: "f", parameters: { a: 1 } }] },
    ],
    [{ something_new: { deep: true }, n: null, logit_bias: null }, {}],
  ])("%j", (more, expected) => {
    expect(readChatRequest({ messages: [user], ...more })).toMatchObject(expected);
  });

  test("anything else is refused in OpenAI's form, never worse", () => {
    const anything = fc.jsonValue({ maxDepth: 1, depthSize: "xsmall" });
    const field = fc.constantFrom(
      "messages",
      "model",
      "tools",
      "tool_choice",
      "response_format",
      "stop",
      "n",
      "user",
      "stream_options",
    );
    const message = fc.record(
      {
        role: fc.constantFrom("user", "assistant", "system", "tool", "nobody"),
        content: anything,
        tool_calls: anything,
        tool_call_id: anything,
      },
      { requiredKeys: ["role"] },
    );
    fc.assert(
      fc.property(fc.dictionary(field, anything), fc.array(message, { maxLength: 4 }), (body, messages) => {
        expect(refusalOf({ messages, ...body }) ?? new ApiError(400, "")).toBeInstanceOf(ApiError);
      }),
      { numRuns: casesOf(300) },
    );
  });
});

describe("what messages say", () => {
  const assistant = (content: string | null, ...calls: string[]): ChatMessage => ({
    role: "assistant",
    content,
    tool_calls: calls.map((id) => ({ id, type: "function", function: { name: "f", arguments: '{"a":1}' } })),
  });
  const result = (id: string): ChatMessage => ({
    role: "tool",
    tool_call_id: id,
    content: [{ type: "text", text: "r" }],
  });
  const say = (content: string): ChatMessage => ({ role: "user", content });
  const said = (text: string) => ({ type: "message", content: [{ type: "text", text }] });

  test.each<[string, ChatMessage[], object]>([
    ["one message", [say("x")], { instructions: undefined, context: [], input: [said("x")] }],
    ["two in a row", [say("x"), say("y")], { context: [], input: [said("x"), said("y")] }],
    [
      "what was answered is said before",
      [say("x"), assistant("y"), say("z")],
      { context: [said("x"), { type: "answer", text: "y" }], input: [said("z")] },
    ],
    [
      "results go on",
      [say("x"), assistant(null, "c1", "c2"), result("c1"), result("c2"), say("and?")],
      {
        context: [
          said("x"),
          { type: "call", callId: "c1", name: "f", arguments: { a: 1 } },
          { type: "call", callId: "c2", name: "f", arguments: { a: 1 } },
        ],
        input: [
          { type: "result", callId: "c1", output: "r" },
          { type: "result", callId: "c2", output: "r" },
          said("and?"),
        ],
      },
    ],
    [
      "instructions stand anywhere",
      [{ role: "system", content: "a" }, say("x"), { role: "developer", content: [{ type: "text", text: "b" }] }],
      { instructions: "a\n\nb", input: [said("x")] },
    ],
  ])("%s", (_, messages, expected) => {
    expect(readMessages(messages)).toMatchObject(expected);
  });

  test.each<[ChatMessage[], string]>([
    [[], "Missing user message in `messages`."],
    [[{ role: "system", content: "x" }], "Missing user message in `messages`."],
    [[say("x"), assistant("y")], "the last message must be of role user or tool"],
    [
      [
        say("x"),
        { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "[" } }] },
        result("c"),
      ],
      "messages[1].tool_calls[0].function.arguments: must be a JSON object",
    ],
  ])("%j is refused", (messages, message) => {
    expect(() => readMessages(messages)).toThrow(message);
  });
});
