import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { at } from "../json.ts";
import { connectMemory } from "../raw-client.ts";
import { type GatewayWithProvider, startGatewayWithProvider } from "./gateway-with-provider.ts";

let running: GatewayWithProvider;
beforeAll(async () => {
  running = await startGatewayWithProvider();
});
afterAll(() => running[Symbol.asyncDispose]());
afterEach(() => running.provider.script());

type Ask = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Messages = Ask["messages"];
const say = (content: string): Messages => [{ role: "user", content }];
const ask = (body: Partial<Ask> & { messages: Messages }, options?: OpenAI.RequestOptions) =>
  running.openai().chat.completions.create({ model: "openclaw", ...body }, options);
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

describe("a completion", () => {
  test("is the agent's answer, with its real usage", async () => {
    const answer = await ask({ messages: say("hello") });
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^chatcmpl_[0-9a-f-]{36}$/),
      object: "chat.completion",
      model: "openclaw",
      choices: [{ index: 0, message: { role: "assistant", content: "You said: hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 },
    });
    expect(Math.abs(answer.created * 1_000 - Date.now())).toBeLessThan(600_000);
  });

  test("uses the agent's own tools on the way", async () => {
    const answer = await ask({ messages: say("[[tool]]") });
    expect(answer.choices[0]?.message.content).toContain("marmalade");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  });

  test("that meets the limit of tokens says so", async () => {
    running.provider.script(() => ({ kind: "answer", text: "and so on", finish: "length" }));
    expect((await ask({ messages: say("go on") })).choices[0]?.finish_reason).toBe("length");
  });

  test("takes limits, sampling, stops and a format to the provider", async () => {
    await ask({
      messages: say("hello"),
      max_completion_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ["END"],
      response_format: { type: "json_schema", json_schema: { name: "thing", schema: { type: "object" } } },
    });
    expect(running.provider.requests.at(-1)?.body).toMatchObject({
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ["END"],
      response_format: { type: expect.stringMatching(/^json/) },
    });
  });

  test("is a run that sockets see", async () => {
    const link = connectMemory(running.gateway);
    const client = { id: "test", version: "1", platform: "test", mode: "backend" };
    const auth = { token: running.token };
    link.send({ type: "req", id: "c", method: "connect", params: { minProtocol: 3, maxProtocol: 4, client, auth } });
    await link.find((frame) => frame["id"] === "c");
    const { id } = await ask({ messages: say("seen") });
    const isOfRun = (frame: unknown) => at(frame, "payload", "runId") === id;
    await link.find((frame) => isOfRun(frame) && at(frame, "payload", "state") === "final");
    const events = new Set(link.received.filter(isOfRun).map((frame) => frame["event"]));
    expect(events).toEqual(new Set(["agent", "chat"]));
    link.close();
  });
});

describe("which agent", () => {
  test.each<[string, Record<string, string>]>([
    ["openclaw:work", {}],
    ["openclaw/work", {}],
    ["agent:work", {}],
    ["whatever", { "x-openclaw-agent-id": "work" }],
  ])("%s %j", async (model, headers) => {
    const user = `agent-of-${model}`;
    const answer = await ask({ model, user, messages: say("hello") }, { headers });
    expect(answer.model).toBe(model);
    expect(systemPrompt()).toContain("Worker");
  });

  test("with another model behind it, for those who may change sessions", async () => {
    const choose = (model: string, scopes?: string) => ({
      headers: { "x-openclaw-model": model, ...(scopes && { "x-openclaw-scopes": scopes }) },
    });
    await ask({ messages: say("hello") }, choose("test/m2"));
    expect(running.provider.requests.at(-1)?.model).toBe("m2");
    const unknown = await refusal(ask({ messages: say("hello") }, choose("test/nope")));
    expect(unknown).toMatchObject({ status: 400, param: "model" });
    const refused = await refusal(ask({ messages: say("hello") }, choose("test/m2", "operator.write")));
    expect(refused).toMatchObject({ status: 403, error: { message: "missing scope: operator.admin" } });
  });

  test("an unknown one is no model", async () => {
    const error = await refusal(ask({ model: "agent:ghost", messages: say("hello") }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: "model_not_found", param: "model", type: "invalid_request_error" });
  });
});

describe("what was said before", () => {
  const conversation: Messages = [
    { role: "system", content: "Be terse." },
    { role: "user", content: "one" },
    { role: "assistant", content: "two" },
    { role: "developer", content: "And kind." },
    { role: "user", content: "three" },
  ];

  test("is told to a session that does not know it; system messages are instructions", async () => {
    await ask({ messages: conversation });
    expect(asked().map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(systemPrompt()).toContain("Be terse.\n\nAnd kind.");
  });

  test("is not told again where `user` names the session", async () => {
    await ask({ user: "alice", messages: say("first") });
    await ask({
      user: "alice",
      messages: [...say("first"), { role: "assistant", content: "made up" }, ...say("second")],
    });
    expect(JSON.stringify(asked())).toContain("You said: first");
    expect(JSON.stringify(asked())).not.toContain("made up");
    await ask({ user: "Alice", messages: say("somebody else") });
    expect(asked()).toHaveLength(1);
  });

  test("belongs to the session that the header names", async () => {
    const headers = { "x-openclaw-session-key": "agent:main:own" };
    await ask({ messages: say("first") }, { headers });
    await ask({ messages: say("second") }, { headers });
    expect(asked()).toHaveLength(3);
  });

  test("is nobody's without either", async () => {
    await ask({ messages: say("first") });
    await ask({ messages: say("second") });
    expect(asked()).toHaveLength(1);
  });

  test.each([
    ["subagent:x", "reserved"],
    ["agent:main:cron:x", "reserved"],
    ["global", "no session"],
    ["agent:work:x", "belongs to agent"],
    ["agent:ghost:x", "does not exist"],
  ])("the session %s is refused", async (key, message) => {
    const headers = { "x-openclaw-session-key": key };
    const error = await refusal(ask({ model: "openclaw/main", messages: say("x") }, { headers }));
    expect(String(error)).toContain(message);
  });
});

describe("a stream", () => {
  test("has the text, the reason of its end and the usage", async () => {
    const stream = await running.openai().chat.completions.create({
      model: "openclaw",
      messages: say("one two three"),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant" });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("You said: one two three");
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(["stop"]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 7 } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test("is put together by the library's own helper", async () => {
    const stream = running.openai().chat.completions.stream({ model: "openclaw", messages: say("[[tool]]") });
    const whole = await stream.finalChatCompletion();
    expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { role: "assistant" } });
    expect(whole.choices[0]?.message.content).toMatch(/^Let me look\.\n\nThe file says: .*marmalade/s);
  });

  test("whose client goes away ends its run", async () => {
    running.provider.script();
    const stream = await running.openai().chat.completions.create({
      model: "openclaw",
      messages: say("[[slow]]"),
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const request = running.provider.requests.at(-1)!;
    expect(await request.finished).toBe(false);
  });

  test("that fails before its first word has the status of the failure", async () => {
    const error = await refusal(
      running.openai().chat.completions.create({ model: "openclaw", messages: say("[[401]]"), stream: true }),
    );
    expect(error).toMatchObject({ status: 502, code: "provider_error" });
  });

  test("that fails later ends with an error", async () => {
    running.provider.script(({ n }) =>
      n % 2 === 0 ? { kind: "break", text: "this far" } : { kind: "break", text: "other" },
    );
    const stream = await running.openai().chat.completions.create({
      model: "openclaw",
      messages: say("break"),
      stream: true,
    });
    const error = await refusal(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
  });
});

describe("tools of the caller", () => {
  const tools: OpenAI.ChatCompletionFunctionTool[] = [
    {
      type: "function",
      function: {
        name: "get_weather",
        description: "The weather of a city",
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      },
    },
  ];
  const script = () =>
    running.provider.script(({ toolResults }) =>
      toolResults.length > 0
        ? { kind: "answer", text: `It is ${toolResults.at(-1)}` }
        : {
            kind: "answer",
            text: "One moment.",
            toolCalls: [{ id: "call_1", name: "get_weather", args: { city: "Graz" } }],
          },
    );

  test("are called by ending the turn, and the next request goes on with the results", async () => {
    script();
    const messages = say("How is the weather?");
    const first = await ask({ messages, tools });
    const [choice] = first.choices;
    expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: "One moment." } });
    const [call] = choice!.message.tool_calls!;
    expect(call).toMatchObject({
      id: "call_1",
      type: "function",
      function: { name: "get_weather", arguments: '{"city":"Graz"}' },
    });
    const second = await ask({
      tools,
      messages: [...messages, choice!.message, { role: "tool", tool_call_id: "call_1", content: "sunny" }],
    });
    expect(second.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "It is sunny" } });
    expect(asked().map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });

  test("in a stream, and in a session that knows the call", async () => {
    script();
    const user = "weather";
    const stream = running
      .openai()
      .chat.completions.stream({ model: "openclaw", user, messages: say("Weather?"), tools });
    const whole = await stream.finalChatCompletion();
    expect(whole.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [{ id: "call_1", function: { name: "get_weather", arguments: '{"city":"Graz"}' } }] },
    });
    const second = await ask({
      user,
      tools,
      messages: [
        ...say("Weather?"),
        whole.choices[0]!.message,
        { role: "tool", tool_call_id: "call_1", content: "rainy" },
      ],
    });
    expect(second.choices[0]?.message.content).toBe("It is rainy");
  });

  test("with the library's own loop", async () => {
    script();
    const runner = running.openai().chat.completions.runTools({
      model: "openclaw",
      messages: say("Weather?"),
      tools: [
        {
          type: "function",
          function: { ...tools[0]!.function, function: () => "windy", parse: JSON.parse } as never,
        },
      ],
    });
    expect(await runner.finalContent()).toBe("It is windy");
  });

  test.each<[Partial<Ask>, string, string]>([
    [
      { tools, tool_choice: { type: "function", function: { name: "zz" } } },
      "tool_choice requested unknown tool: zz",
      "tool_choice",
    ],
    [{ tools: [{ type: "custom", custom: { name: "x" } }] }, 'only tools of type "function"', "tools[0].type"],
    [{ tools: [{ type: "function", function: { name: "a b" } }] }, "tools[0].name", "tools[0].name"],
    [{ functions: [{ name: "old" }] }, "use tools", "functions"],
  ])("%j is refused", async (body, message, param) => {
    const error = await refusal(ask({ messages: say("x"), ...body }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(String(error)).toContain(message);
    expect(error).toMatchObject({ param });
  });
});

describe("images", () => {
  const png =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const look = (url: string): Messages => [
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image_url", image_url: { url } },
      ],
    },
  ];

  test("inside the request reach the model", async () => {
    await ask({ messages: look(png) });
    expect(JSON.stringify(asked())).toContain("iVBORw0KGgo");
  });

  test.each([
    ["https://example.com/a.png", "messages[0].content[1]"],
    ["file:///etc/passwd", "messages[0].content[1]"],
    ["data:image/png;base64,%%%", "base64"],
    ["data:image/png;base64,QUJDRA==", "image"],
  ])("%s is refused", async (url, message) => {
    const error = await refusal(ask({ messages: look(url) }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(String(error)).toContain(message);
  });
});

describe("failures", () => {
  test.each([
    ["[[429]]", 429, "rate_limit_exceeded", OpenAI.RateLimitError],
    ["[[500]]", 502, "provider_error", OpenAI.InternalServerError],
    ["[[401]]", 502, "provider_error", OpenAI.InternalServerError],
  ])("of the provider, %s", async (marker, status, code, kind) => {
    const error = await refusal(ask({ messages: say(marker) }));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, code });
  });

  test("are not tried again by the library: a turn may have done something", async () => {
    const before = running.provider.requests.length;
    await refusal(
      running.openai({ maxRetries: 2 }).chat.completions.create({ model: "openclaw", messages: say("[[401]] once") }),
    );
    expect(running.provider.requests.length - before).toBe(1);
  });

  test.each<[unknown, string]>([
    [{ messages: say("x"), n: 2 }, "n"],
    [{ messages: say("x"), logprobs: true }, "logprobs"],
    [{ messages: say("x"), modalities: ["text", "audio"] }, "modalities"],
    [{ messages: say("x"), temperature: 3 }, "temperature"],
    [{ messages: say("x"), stop: ["1", "2", "3", "4", "5"] }, "stop"],
    [{ messages: [{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }] }, "messages[0].content[0]"],
    [{ messages: [{ role: "nobody", content: "x" }] }, "messages[0].role"],
    [{ messages: [...say("x"), { role: "assistant", content: "I think" }] }, "messages"],
  ])("%j names what is wrong", async (body, param) => {
    const error = await refusal(ask(body as Ask));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param });
  });

  test("n of one and the like are fine", async () => {
    const harmless = { n: 1, logprobs: false, modalities: ["text" as const], logit_bias: {}, store: true };
    expect((await ask({ messages: say("x"), ...harmless })).choices).toHaveLength(1);
  });
});

describe("an Idempotency-Key", () => {
  test("makes one run of several requests", async () => {
    const headers = { "Idempotency-Key": "once" };
    const before = running.provider.requests.length;
    const answers = await Promise.all([
      ask({ messages: say("only once") }, { headers }),
      ask({ messages: say("only once") }, { headers }),
    ]);
    const later = await ask({ messages: say("only once") }, { headers });
    expect(new Set([...answers, later].map(({ id, choices }) => id + choices[0]?.message.content)).size).toBe(1);
    expect(running.provider.requests.length - before).toBe(1);
    const stream = running
      .openai()
      .chat.completions.stream({ model: "openclaw", messages: say("only once") }, { headers });
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe("You said: only once");
  });
});
