import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import {
  configAt,
  messagesOf,
  only,
  providerAt,
  run,
  runtimeWith,
  shapeOf,
  temporaryFolder,
  turnOf,
  userMessage,
} from "../testing/harness.ts";
import { type ProviderServer, startProviderServer } from "../testing/index.ts";

const weather = {
  name: "get_weather",
  description: "The weather of a place",
  parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
};
const callerTools = { tools: [weather], choice: "auto" as const };
const asks = { name: "get_weather", args: { place: "Oslo" }, id: "call_a" };

test("a call of the caller's tool ends the turn and stays in the transcript", async () => {
  await using server = await startProviderServer(() => ({ kind: "answer", text: "Let me ask.", toolCalls: [asks] }));
  const events = await run(runtimeWith(configAt(server)), turnOf("weather?", { callerTools }));
  expect(shapeOf(events)).toEqual(["model", "text", "usage", "message", "end"]);
  expect(events.at(-1)).toEqual({
    type: "end",
    stopReason: "tool_calls",
    calls: [{ callId: "call_a", name: "get_weather", arguments: { place: "Oslo" } }],
  });
  expect(messagesOf(events)[0]).toMatchObject({
    stopReason: "toolUse",
    content: [{ type: "text" }, { type: "toolCall", id: "call_a", name: "get_weather" }],
  });
  expect(server.requests[0]?.toolNames).toEqual(["read", "get_weather"]);
  expect(server.requests[0]?.body["tools"]).toContainEqual({
    type: "function",
    function: expect.objectContaining(weather),
  });
});

test("the next turn brings the results and the model goes on", async () => {
  await using server = await startProviderServer(({ toolResults }) => ({
    kind: "answer",
    text: toolResults.join() || "Hm.",
  }));
  const events = await run(runtimeWith(configAt(server)), "weather?");
  const called: TranscriptMessage = {
    ...(messagesOf(events)[0] as Extract<TranscriptMessage, { role: "assistant" }>),
    content: [
      { type: "toolCall", id: "call_a", name: "get_weather", arguments: {} },
      { type: "toolCall", id: "call_b", name: "get_weather", arguments: {} },
    ],
  };
  const result: TranscriptMessage = {
    role: "toolResult",
    toolCallId: "call_a",
    toolName: "get_weather",
    content: [{ type: "text", text: "rain" }],
    isError: false,
    timestamp: 2,
  };
  const history = [userMessage("weather?"), called, result];
  await run(runtimeWith(configAt(server)), turnOf("", { history, callerTools }));
  expect(server.requests.at(-1)?.toolResults).toEqual(["rain", "The call was interrupted; there is no result."]);
});

test("of mixed calls the agent's are run and the caller's are given back", async () => {
  await using server = await startProviderServer(() => ({
    kind: "answer",
    toolCalls: [asks, { name: "read", args: { path: "NOTES.md" }, id: "call_r" }],
  }));
  await using state = await temporaryFolder({ "workspace/NOTES.md": "buy milk\n" });
  const events = await run(runtimeWith(configAt(server), { stateDir: state.path }), turnOf("both", { callerTools }));
  expect(only(events, "tool-end").map(({ toolCallId }) => toolCallId)).toEqual(["call_r"]);
  expect(messagesOf(events).map(({ role }) => role)).toEqual(["assistant", "toolResult"]);
  expect(events.at(-1)).toMatchObject({ stopReason: "tool_calls", calls: [{ callId: "call_a" }] });
  expect(server.requests).toHaveLength(1);
});

test.each([
  { choice: "required" as const, sent: "required", offered: ["get_weather"] },
  {
    choice: { name: "get_weather" },
    sent: { type: "function", function: { name: "get_weather" } },
    offered: ["get_weather"],
  },
  { choice: "auto" as const, sent: undefined, offered: ["read", "get_weather"] },
])("who wants the call $choice is sure to get one of its own", async ({ choice, sent, offered }) => {
  await using server = await startProviderServer(() => ({ kind: "answer", toolCalls: [asks] }));
  await run(runtimeWith(configAt(server)), turnOf("x", { callerTools: { tools: [weather], choice } }));
  expect(server.requests[0]?.toolNames).toEqual(offered);
  expect(server.requests[0]?.body["tool_choice"]).toEqual(sent);
});

test("limits and format of the caller reach the provider, never above the model's own", async () => {
  await using server = await startProviderServer();
  const provider = providerAt(server);
  const config = {
    models: {
      providers: { test: { ...provider, models: provider.models.map((model) => ({ ...model, maxTokens: 50 })) } },
    },
  };
  const schema = { type: "object", properties: { a: { type: "number" } } };
  const turn = turnOf("x", {
    sampling: { maxOutputTokens: 80, temperature: 0.5, topP: 0.9, stop: ["END"], seed: 7 },
    format: { schema, name: "thing" },
    callerTools: { ...callerTools, parallel: false },
  });
  await run(runtimeWith(config), turn);
  expect(server.requests[0]?.body).toMatchObject({
    max_tokens: 50,
    temperature: 0.5,
    top_p: 0.9,
    stop: ["END"],
    seed: 7,
    parallel_tool_calls: false,
    response_format: { type: "json_schema", json_schema: { schema, name: "thing", strict: false } },
  });
});

test.each(["openai-responses", "anthropic-messages", "google-generative-ai"] as const)(
  "the caller's tools reach a provider of %s, and its calls come back",
  async (api) => {
    await using server: ProviderServer = await startProviderServer(() => ({ kind: "answer", toolCalls: [asks] }));
    const runtime = runtimeWith({ models: { providers: { test: providerAt(server, api) } } });
    const events = await run(runtime, turnOf("x", { callerTools }));
    expect(server.requests[0]?.toolNames).toEqual(["read", "get_weather"]);
    expect(events.at(-1)).toMatchObject({
      stopReason: "tool_calls",
      calls: [{ name: "get_weather", arguments: { place: "Oslo" } }],
    });
  },
);
