import type { UserMessage } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import {
  configAt,
  messagesOf,
  only,
  run,
  runtimeWith,
  shapeOf,
  temporaryFolder,
  textOf,
  turnOf,
} from "../testing/harness.ts";
import { startProviderServer } from "../testing/index.ts";

test("an answer streams, then stands as one message with its usage and cost", async () => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), "hello there");
  expect(shapeOf(events)).toEqual(["model", "text", "usage", "message", "end"]);
  expect(only(events, "text").map(({ delta }) => delta)).toEqual(["You ", "said: ", "hello ", "there"]);
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  const cost = { input: 24e-6, output: 70e-6, cacheRead: 0, cacheWrite: 0, total: 94e-6 };
  const usage = { input: 12, output: 7, cacheRead: 0, cacheWrite: 0, totalTokens: 19, cost };
  expect(only(events, "usage")).toEqual([{ type: "usage", usage, model: { provider: "test", id: "m" } }]);
  expect(messagesOf(events)).toEqual([
    {
      role: "assistant",
      content: [{ type: "text", text: "You said: hello there" }],
      api: "openai-completions",
      provider: "test",
      model: "m",
      usage,
      stopReason: "stop",
      timestamp: expect.any(Number),
    },
  ]);
});

test("reasoning is told apart from the answer", async () => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), "hm [[think]]");
  expect(shapeOf(events)).toEqual(["model", "reasoning", "text", "usage", "message", "end"]);
  expect(messagesOf(events)[0]?.content[0]).toEqual({ type: "thinking", thinking: "Thinking about it." });
});

test("a tool call is run and its result goes back to the model", async () => {
  await using server = await startProviderServer();
  await using state = await temporaryFolder({ "workspace/NOTES.md": "buy milk\n" });
  const events = await run(runtimeWith(configAt(server), { stateDir: state.path }), "[[tool]]");
  expect(only(events, "tool-end")).toMatchObject([{ name: "read", meta: "NOTES.md", isError: false }]);
  expect(shapeOf(events)).toEqual([
    "model",
    "text",
    "usage",
    "message",
    "tool-start",
    "tool-end",
    "message",
    "text",
    "usage",
    "message",
    "end",
  ]);
  const [call, result, answer] = messagesOf(events);
  expect(call).toMatchObject({
    stopReason: "toolUse",
    content: [
      { type: "text", text: "Let me look." },
      { type: "toolCall", id: "call_0", name: "read" },
    ],
  });
  expect(result).toMatchObject({
    role: "toolResult",
    toolCallId: "call_0",
    isError: false,
    content: [{ type: "text", text: "buy milk\n" }],
  });
  expect(answer).toMatchObject({ stopReason: "stop", content: [{ type: "text", text: "The file says: buy milk\n" }] });
  expect(only(events, "tool-start")[0]).toMatchObject({ toolCallId: "call_0", args: { path: "NOTES.md" } });
  expect(server.requests[1]?.toolResults).toEqual(["buy milk\n"]);
});

test("what a tool cannot do is told to the model, not thrown", async () => {
  await using server = await startProviderServer(({ toolResults }) =>
    toolResults.length > 0
      ? { kind: "answer", text: toolResults.join(" | ") }
      : {
          kind: "answer",
          toolCalls: [
            { name: "read", args: { path: "missing.md" } },
            { name: "read", args: {} },
            { name: "launch", args: {} },
          ],
        },
  );
  await using state = await temporaryFolder({ "workspace/NOTES.md": "" });
  const events = await run(runtimeWith(configAt(server), { stateDir: state.path }), "go");
  expect(only(events, "tool-end").map(({ isError }) => isError)).toEqual([true, true, true]);
  expect(textOf(events)).toContain("missing.md does not exist");
  expect(textOf(events)).toContain("invalid arguments for read");
  expect(textOf(events)).toContain("there is no tool named launch");
});

test("a model that repeats the id of a call gets another one, so that every result has one call", async () => {
  await using server = await startProviderServer(({ toolResults }) =>
    toolResults.length >= 2
      ? { kind: "answer", text: "done" }
      : { kind: "answer", toolCalls: [{ name: "read", args: { path: "NOTES.md" }, id: "call_0" }] },
  );
  await using state = await temporaryFolder({ "workspace/NOTES.md": "x" });
  const events = await run(runtimeWith(configAt(server), { stateDir: state.path }), "go");
  const ids = only(events, "tool-start").map(({ toolCallId }) => toolCallId);
  expect(new Set(ids).size).toBe(2);
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
});

test("only the tools that the turn and the configuration allow are offered", async () => {
  await using server = await startProviderServer();
  const offered = async (
    allowedTools: readonly string[] | "all",
    tools: { allow?: string[]; deny?: string[]; profile?: string },
  ) => {
    const config = { ...configAt(server), agents: { list: [{ id: "main", tools }] } };
    await run(runtimeWith(config), turnOf("hello", { allowedTools }));
    return server.requests.at(-1)?.toolNames;
  };
  expect(await offered("all", {})).toEqual(["read"]);
  expect(await offered(["read"], {})).toEqual(["read"]);
  expect(await offered([], {})).toEqual([]);
  expect(await offered("all", { deny: ["read"] })).toEqual([]);
  expect(await offered("all", { allow: ["group:fs"], deny: ["group:fs"] })).toEqual([]);
  expect(await offered("all", { allow: ["exec"] })).toEqual([]);
  expect(await offered("all", { profile: "minimal" })).toEqual([]);
  expect(await offered("all", { profile: "coding" })).toEqual(["read"]);
});

test("a tool that is not offered is not run when the model calls it anyway", async () => {
  await using server = await startProviderServer();
  await using state = await temporaryFolder({ "workspace/NOTES.md": "secret" });
  const events = await run(
    runtimeWith(configAt(server), { stateDir: state.path }),
    turnOf("[[tool]]", { allowedTools: [] }),
  );
  expect(textOf(events)).toContain("there is no tool named read");
  expect(textOf(events)).not.toContain("secret");
});

test("a turn that never stops calling tools is stopped", async () => {
  await using server = await startProviderServer(() => ({
    kind: "answer",
    toolCalls: [{ name: "read", args: { path: "a" } }],
  }));
  const events = await run(runtimeWith(configAt(server), { maxSteps: 3 }), "go");
  expect(server.requests).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({ type: "error", message: "the turn was stopped after 3 model steps" });
});

test("an answer that meets its length ends so; a refused one is an error", async () => {
  await using server = await startProviderServer(() => ({ kind: "answer", text: "and then", finish: "length" }));
  const cut = await run(runtimeWith(configAt(server)), "go");
  expect(cut.at(-1)).toEqual({ type: "end", stopReason: "length" });
  expect(messagesOf(cut)[0]).toMatchObject({ stopReason: "length" });
  server.script();
  const refused = await run(runtimeWith(configAt(server)), "[[refuse]]");
  expect(refused.at(-1)).toMatchObject({ type: "error", kind: "refusal" });
  expect(messagesOf(refused)).toEqual([]);
});

test("an unexpected failure inside is an error event, not a throw", async () => {
  await using server = await startProviderServer();
  const log: string[] = [];
  const broken = { ...turnOf("hello"), history: [{ role: "user", content: undefined }] } as never;
  const events = await run(
    runtimeWith(configAt(server), { log: { warn: () => log.push("warn"), error: () => log.push("error") } }),
    broken,
  );
  expect(events.at(-1)).toMatchObject({ type: "error", kind: "unknown" });
  expect(log).toEqual(["error"]);
});

test("what the person says meanwhile reaches the next model call, and what came with the question stays with it", async () => {
  await using server = await startProviderServer();
  await using state = await temporaryFolder({ "workspace/NOTES.md": "buy milk\n" });
  const said: UserMessage[] = [{ role: "user", content: [{ type: "text", text: "turn left instead" }], timestamp: 1 }];
  let taken = 0;
  const steering = {
    take: async () => {
      taken++;
      return said.splice(0);
    },
  };
  const attachments = [{ type: "image", mimeType: "image/png", content: "aGVsbG8=" }];
  const events = await run(
    runtimeWith(configAt(server), { stateDir: state.path }),
    turnOf("[[tool]]", { attachments, steering }),
  );
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  expect(taken).toBe(1);
  const [first, second] = server.requests.map(({ body }) => JSON.stringify(body));
  expect(first).not.toContain("turn left instead");
  expect(second).toContain("turn left instead");
  expect(second?.indexOf("image_url")).toBeGreaterThan(-1);
  expect(second?.indexOf("image_url")).toBeLessThan(second?.indexOf("turn left instead") ?? 0);
});
