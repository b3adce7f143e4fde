import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type GatewayWithProvider, startGatewayWithProvider } from "./gateway-with-provider.ts";

let running: GatewayWithProvider;
beforeAll(async () => {
  running = await startGatewayWithProvider();
});
afterAll(() => running[Symbol.asyncDispose]());
afterEach(() => running.provider.script());

type Ask = OpenAI.Responses.ResponseCreateParamsNonStreaming;
const ask = (body: Partial<Ask>, options?: OpenAI.RequestOptions) =>
  running.openai().responses.create({ model: "openclaw", input: "hello", ...body }, options);
const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

type Sent = { role: string; content: unknown; tool_calls?: unknown; tool_call_id?: string };
/** What the provider was asked last, without the system prompt. */
function asked(): Sent[] {
  const { messages } = running.provider.requests.at(-1)!.body as { messages: Sent[] };
  return messages.filter(({ role }) => role !== "system");
}
const systemPrompt = (): string => {
  const { messages } = running.provider.requests.at(-1)!.body as { messages: Sent[] };
  return String(messages.find(({ role }) => role === "system")?.content);
};

const weather: OpenAI.Responses.FunctionTool = {
  type: "function",
  name: "get_weather",
  description: "The weather of a place",
  parameters: { type: "object", properties: { place: { type: "string" } } },
  strict: false,
};
/** Asks for the weather until there is a result. */
const weatherScript: Parameters<GatewayWithProvider["provider"]["script"]>[0] = ({ toolResults }) =>
  toolResults.length > 0
    ? { kind: "answer", text: `It is: ${toolResults.at(-1)}` }
    : {
        kind: "answer",
        text: "Let me ask.",
        toolCalls: [{ name: "get_weather", args: { place: "Oslo" }, id: "call_w" }],
      };
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

describe("a response", () => {
  test("is the agent's answer, with its real usage", async () => {
    const response = await ask({ metadata: { a: "b" }, user: "bob" });
    expect(response).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f-]{36}$/),
      object: "response",
      status: "completed",
      model: "openclaw",
      output_text: "You said: hello",
      output: [
        {
          type: "message",
          id: expect.stringMatching(/^msg_/),
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: "You said: hello" }],
        },
      ],
      usage: { input_tokens: 12, output_tokens: 7, total_tokens: 19 },
      error: null,
      incomplete_details: null,
      metadata: { a: "b" },
      user: "bob",
    });
  });

  test("takes instructions, limits, sampling and a format to the provider", async () => {
    await ask({
      instructions: "Be terse.",
      input: [
        { role: "developer", content: "And kind." },
        { role: "user", content: "hello" },
      ],
      max_output_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      text: { format: { type: "json_schema", name: "thing", schema: { type: "object" } } },
    });
    expect(systemPrompt()).toContain("Be terse.\n\nAnd kind.");
    expect(running.provider.requests.at(-1)?.body).toMatchObject({
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      response_format: { type: "json_schema" },
    });
  });

  test("uses the agent's own tools on the way, and shows none of it", async () => {
    const response = await ask({ input: "[[tool]]" });
    expect(response.output_text).toContain("marmalade");
    expect(response.output.map(({ type }) => type)).toEqual(["message"]);
  });

  test("that meets the limit of tokens is incomplete", async () => {
    running.provider.script(() => ({ kind: "answer", text: "and so on", finish: "length" }));
    expect(await ask({})).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [{ status: "incomplete" }],
    });
  });

  test("is of the agent that model or header name", async () => {
    await ask({ model: "openclaw:work" });
    expect(systemPrompt()).toContain("Worker");
    expect(await refusal(ask({ model: "agent:ghost" }))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("of one user is said in one conversation", async () => {
    await ask({ user: "alice", input: "first" });
    await ask({ user: "alice", input: "second" });
    expect(asked().map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  });

  test.each([
    [400, "rate limit", 429, OpenAI.RateLimitError],
    [500, "broken", 502, OpenAI.InternalServerError],
  ] as const)("whose provider fails (%#) is an error", async (_, message, status, kind) => {
    running.provider.script(() => ({ kind: "error", status: status === 429 ? 429 : 500, message }));
    const error = await refusal(ask({}));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status });
  });
});

describe("a conversation", () => {
  test("goes on after the response before", async () => {
    const first = await ask({ input: "one" });
    const second = await ask({ input: "two", previous_response_id: first.id });
    expect(asked().map(({ content }) => content)).toEqual(["one", "You said: one", "two"]);
    expect(second.previous_response_id).toBe(first.id);
  });

  test("parts where two go on after the same response", async () => {
    const first = await ask({ input: "one" });
    await ask({ input: "two", previous_response_id: first.id });
    const other = await ask({ input: "three", previous_response_id: first.id });
    expect(asked().map(({ content }) => content)).toEqual(["one", "You said: one", "three"]);
    await ask({ input: "four", previous_response_id: other.id });
    expect(asked().map(({ content }) => content)).toEqual(["one", "You said: one", "three", "You said: three", "four"]);
  });

  test("parts where another is being answered after the same response; who goes away stops that", async () => {
    const { responses } = running.openai();
    const first = await ask({ input: "one" });
    const slow = await responses.create({
      model: "openclaw",
      input: "[[slow]]",
      previous_response_id: first.id,
      stream: true,
    });
    let id = "";
    for await (const event of slow) {
      if (event.type === "response.created") id = event.response.id;
      if (event.type !== "response.output_text.delta") continue;
      await ask({ input: "three", previous_response_id: first.id });
      // Leaving the loop closes the connection.
      break;
    }
    expect(asked().map(({ content }) => content)).toEqual(["one", "You said: one", "three"]);
    await expect.poll(async () => (await responses.retrieve(id)).status, { timeout: 30_000 }).toBe("cancelled");
  });

  test("can be brought whole", async () => {
    await ask({
      input: [
        { role: "user", content: "one" },
        { role: "assistant", content: [{ type: "output_text", text: "two", annotations: [] }] as never },
        { role: "user", content: [{ type: "input_text", text: "three" }] },
      ],
    });
    expect(asked().map(({ role, content }) => [role, content])).toEqual([
      ["user", "one"],
      ["assistant", "two"],
      ["user", "three"],
    ]);
  });

  test("after an unknown or forgotten response is not found", async () => {
    const unkept = await ask({ store: false });
    for (const id of ["resp_nothing", unkept.id]) {
      const error = await refusal(ask({ previous_response_id: id }));
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect(error).toMatchObject({ code: "previous_response_not_found", param: "previous_response_id" });
    }
  });
});

describe("tools of the caller", () => {
  test("are called, and their outputs answered", async () => {
    running.provider.script(weatherScript);
    const first = await ask({ input: "weather?", tools: [weather] });
    expect(first).toMatchObject({
      status: "completed",
      output: [
        { type: "message", content: [{ text: "Let me ask." }] },
        {
          type: "function_call",
          call_id: "call_w",
          name: "get_weather",
          arguments: '{"place":"Oslo"}',
          status: "completed",
        },
      ],
    });
    const second = await ask({
      previous_response_id: first.id,
      tools: [weather],
      input: [{ type: "function_call_output", call_id: "call_w", output: "rain" }],
    });
    expect(second.output_text).toBe("It is: rain");
    expect(asked().map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });

  test("may answer with images and files", async () => {
    running.provider.script(weatherScript);
    const first = await ask({ input: "weather?", tools: [weather] });
    const output: OpenAI.Responses.ResponseFunctionCallOutputItemList = [
      { type: "input_text", text: "a map" },
      { type: "input_image", image_url: `data:image/png;base64,${png}` },
    ];
    await ask({
      previous_response_id: first.id,
      tools: [weather],
      input: [{ type: "function_call_output", call_id: "call_w", output }],
    });
    expect(asked().slice(2)).toMatchObject([
      { role: "tool", tool_call_id: "call_w", content: "a map" },
      {
        role: "user",
        content: [
          { type: "text", text: "Images of the result of get_weather:" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
        ],
      },
    ]);
  });

  test("work without a response before, when the calls are sent back", async () => {
    running.provider.script(weatherScript);
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "weather?" }];
    const first = await ask({ input, tools: [weather], store: false });
    const output = { type: "function_call_output" as const, call_id: "call_w", output: "sun" };
    const second = await ask({
      input: [...input, ...(first.output as never[]), output],
      tools: [weather],
      store: false,
    });
    expect(second.output_text).toBe("It is: sun");
  });

  test("can be demanded", async () => {
    running.provider.script(weatherScript);
    await ask({ tools: [weather], tool_choice: { type: "function", name: "get_weather" } });
    expect(running.provider.requests.at(-1)?.body["tool_choice"]).toMatchObject({ function: { name: "get_weather" } });
    await ask({ tools: [weather], tool_choice: "none" });
    expect(running.provider.requests.at(-1)?.toolNames).not.toContain("get_weather");
  });
});

describe("images and files", () => {
  test("reach the model, and are there in the next turn too", async () => {
    const first = await ask({
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "look" },
            { type: "input_image", image_url: `data:image/jpeg;base64,${png}`, detail: "auto" },
            {
              type: "input_file",
              filename: "a.txt",
              file_data: `data:text/plain;base64,${Buffer.from("file body").toString("base64")}`,
            },
          ],
        },
      ],
    });
    const content = [
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
      { type: "text", text: "[file a.txt]\nfile body\n[end of file a.txt]" },
    ];
    expect(asked()[0]?.content).toEqual(content);
    await ask({ previous_response_id: first.id });
    expect(asked()[0]?.content).toEqual(content);
  });

  test.each([
    [
      "a private address",
      { type: "input_image", image_url: "https://127.0.0.1/a.png", detail: "auto" },
      "not on the public internet",
    ],
    ["a file by its id", { type: "input_file", file_id: "file-1" }, "keeps no files"],
    [
      "an image that is none",
      { type: "input_image", image_url: "data:image/png;base64,QUJDRA==", detail: "auto" },
      "the image is none of",
    ],
  ] as const)("%s is refused, and named", async (_, part, message) => {
    const error = await refusal(ask({ input: [{ role: "user", content: [part] }] as never }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: "input[0].content[0]", message: expect.stringContaining(message) });
  });
});

describe("a stream", () => {
  test("tells the response as it grows; the library puts the same together", async () => {
    const stream = running.openai().responses.stream({ model: "openclaw", input: "one two three" });
    const types: string[] = [];
    const numbers: number[] = [];
    let text = "";
    for await (const event of stream) {
      if (event.type !== types.at(-1)) types.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    const final = await stream.finalResponse();
    expect([text, final.output_text]).toEqual(["You said: one two three", "You said: one two three"]);
    expect(final.usage?.total_tokens).toBe(19);
  });

  test("tells what the model thinks, and the calls of tools", async () => {
    running.provider.script(() => ({
      kind: "answer",
      reasoning: "Hm.",
      text: "Asking.",
      toolCalls: [{ name: "get_weather", args: { place: "Oslo" }, id: "call_w" }],
    }));
    const stream = running.openai().responses.stream({ model: "openclaw", input: "x", tools: [weather] });
    const final = await stream.finalResponse();
    expect(final.output).toMatchObject([
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] },
      { type: "message", content: [{ text: "Asking." }] },
      { type: "function_call", name: "get_weather", arguments: '{"place":"Oslo"}' },
    ]);
    const kept = await running.openai().responses.retrieve(final.id);
    expect(kept.output).toEqual(JSON.parse(JSON.stringify(kept.output)));
    expect(kept.output.map(({ id, type }) => [id, type])).toEqual(final.output.map(({ id, type }) => [id, type]));
  });

  test("that the provider breaks says that the response has failed", async () => {
    running.provider.script(() => ({ kind: "break", text: "This goes only" }));
    const stream = await running.openai().responses.create({ model: "openclaw", input: "x", stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { message: expect.any(String) } },
    });
  });
});

describe("a response that is kept", () => {
  test("can be read again, until it is deleted", async () => {
    const { responses } = running.openai();
    const response = await ask({ metadata: { a: "b" } });
    const { output_text: _, ...kept } = response;
    expect(await responses.retrieve(response.id)).toMatchObject(kept);
    await responses.delete(response.id);
    expect(await refusal(responses.retrieve(response.id))).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await refusal(responses.delete(response.id))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("can be stopped while it runs", async () => {
    const { responses } = running.openai();
    const stream = await responses.create({ model: "openclaw", input: "[[slow]]", stream: true });
    let id = "";
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === "response.created") id = event.response.id;
      if (event.type !== "response.output_text.delta" || types.filter((type) => type === event.type).length > 1)
        continue;
      expect(await responses.retrieve(id)).toMatchObject({ status: "in_progress", output: [] });
      expect(await responses.cancel(id)).toMatchObject({ id, status: "cancelled" });
    }
    expect(types.at(-1)).toBe("response.incomplete");
    expect(await responses.cancel(id)).toMatchObject({ status: "cancelled" });
  });

  test("cannot be stopped when it is over", async () => {
    const { id } = await ask({});
    expect(await refusal(running.openai().responses.cancel(id))).toBeInstanceOf(OpenAI.BadRequestError);
    expect(await refusal(running.openai().responses.cancel("resp_x"))).toBeInstanceOf(OpenAI.NotFoundError);
  });
});

test.each([
  ["background", { background: true }],
  ["conversation", { conversation: "c" }],
  ["prompt", { prompt: { id: "p" } }],
  ["top_logprobs", { top_logprobs: 2 }],
  ["include", { include: ["web_search_call.action.sources"] }],
  ["tools[0].type", { tools: [{ type: "web_search" }] }],
  ["tool_choice", { tool_choice: { type: "function", name: "x" } }],
  ["input[0].type", { input: [{ type: "item_reference", id: "x" }] }],
  ["input[0].arguments", { input: [{ type: "function_call", call_id: "c", name: "n", arguments: "[" }] }],
  ["tools[0].name", { tools: [{ ...weather, name: "a b" }] }],
  ["tools", { tools: [{ ...weather, name: "read" }] }],
])("what cannot be done is refused by the name of its member: %s", async (param, body) => {
  const error = await refusal(ask(body as never));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error).toMatchObject({ param, type: "invalid_request_error" });
});
