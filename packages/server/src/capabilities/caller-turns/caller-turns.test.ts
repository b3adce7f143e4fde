import { callerLimits, type CallerStep, type Params, scopes } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import type { TurnEvent } from "../../runtime/agent-runtime.ts";
import type { Principal } from "../../rpc/principal.ts";
import type { Clock } from "../../platform/clock.ts";
import { createManualClock } from "../../testing/manual-clock.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import {
  answer,
  assistantMessage,
  createScriptedRuntime,
  scriptedModel,
  type TurnScript,
} from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

const principal: Principal = { id: "p", role: "operator", scopes, displayName: "p", causedByAgent: false };
const asks = { callId: "c1", name: "look", arguments: { at: "it" } };
const look = { name: "look", parameters: { type: "object" } };
const png = Buffer.from("\x89PNG\r\n\x1a\n-and-more", "latin1").toString("base64");

/** Calls `look`, with some words before it. */
async function* call(...calls: (typeof asks)[]): AsyncGenerator<TurnEvent, void> {
  yield { type: "model", model: scriptedModel };
  yield { type: "text", delta: "One moment." };
  const content = calls.map(({ callId: id, name, arguments: args }) => ({
    type: "toolCall" as const,
    id,
    name,
    arguments: args,
  }));
  const message = assistantMessage("", {
    content: [{ type: "text", text: "One moment." }, ...content],
    stopReason: "toolUse",
  });
  yield { type: "usage", usage: message.usage, model: scriptedModel };
  yield { type: "message", message };
  yield { type: "end", stopReason: "tool_calls", calls };
}

async function start(script: TurnScript = () => answer("Hel", "lo"), clock?: Clock) {
  const runtime = createScriptedRuntime(script);
  const gateway = await startTestGateway(runtime, clock && { clock });
  let n = 0;
  const run = async (params: Partial<Params<"turns.run">> = {}, caller = principal) => {
    const steps: CallerStep[] = [];
    const accepted: unknown[] = [];
    const result = await gateway.gateway.call(
      "turns.run",
      {
        runId: `r${++n}`,
        entrance: "responses",
        sessionKey: "s",
        input: [{ type: "message", content: [{ type: "text", text: `message ${n}` }] }],
        ...params,
      },
      {
        principal: caller,
        signal: new AbortController().signal,
        accept: (payload) => accepted.push(payload),
        progress: (step) => steps.push(step),
      },
    );
    return { result, steps, accepted };
  };
  return { ...gateway, runtime, run };
}
const say = (text: string) => ({ type: "message" as const, content: [{ type: "text" as const, text }] });

describe("turns.run", () => {
  test("is accepted, told step by step and answered with everything", async () => {
    await using gateway = await start();
    const { result, steps, accepted } = await gateway.run();
    expect(accepted).toEqual([
      { runId: "r1", sessionKey: "agent:main:s", agentId: "main", acceptedAt: expect.any(Number) },
    ]);
    expect(steps).toEqual([{ type: "text", delta: "Hel" }, { type: "text", delta: "lo" }, { type: "part-end" }]);
    expect(result).toMatchObject({
      state: "done",
      stopReason: "stop",
      text: "Hello",
      calls: [],
      usage: { input: 10, output: 5 },
      model: scriptedModel,
    });
  });

  test("is a run like any other for everybody who watches", async () => {
    await using gateway = await start();
    const client = createMemoryClient(gateway.gateway);
    await client.connect();
    await gateway.run();
    expect(await client.event("chat", ({ state }) => state === "final")).toMatchObject({ payload: { runId: "r1" } });
    const page = await client.request("chat.history", { sessionKey: "s" });
    expect(page.payload).toMatchObject({ messages: [{ role: "user" }, { role: "assistant" }] });
  });

  test("the same id again starts nothing and has the same answer", async () => {
    await using gateway = await start();
    await gateway.run({ runId: "same" });
    expect((await gateway.run({ runId: "same" })).result).toMatchObject({ text: "Hello" });
    expect(gateway.runtime.turns).toHaveLength(1);
  });

  test("the same id twice at once is one run, and both have its answer", async () => {
    await using gateway = await start();
    for (let n = 0; n < 5; n++) {
      const both = await Promise.all([gateway.run({ runId: `twice-${n}` }), gateway.run({ runId: `twice-${n}` })]);
      expect(both.map(({ result }) => result.text)).toEqual(["Hello", "Hello"]);
    }
    expect(gateway.runtime.turns).toHaveLength(5);
  });

  test("is answered from the transcript when nobody remembers it any more", async () => {
    const clock = createManualClock();
    await using gateway = await start(
      (turn) => (turn.history.at(-1)?.role === "toolResult" ? answer("done") : call(asks)),
      clock,
    );
    const first = await gateway.run({ runId: "old", tools: [look] });
    clock.advance(3_600_000);
    await gateway.run({ sessionKey: "other", tools: [look] });
    const { result } = await gateway.run({ runId: "old", tools: [look] });
    const { text, calls, stopReason, usage, model } = first.result;
    expect(result).toMatchObject({ state: "done", text, calls, stopReason, usage, model });
    expect(gateway.runtime.turns).toHaveLength(2);
  });

  test("gives the model the caller's tools, limits, format and instructions", async () => {
    await using gateway = await start();
    const more = { sampling: { temperature: 0 }, format: { name: "x" } };
    await gateway.run({ ...more, tools: [look], toolChoice: "required", instructions: "Be terse." });
    expect(gateway.runtime.turns[0]).toMatchObject({
      ...more,
      callerTools: { tools: [look], choice: "required" },
      extraSystemPrompt: "Be terse.",
    });
    await gateway.run({ tools: [look], toolChoice: "none" });
    expect(gateway.runtime.turns[1]).not.toHaveProperty("callerTools");
  });

  test("ends with the calls of the caller's tools; the next turn brings the results", async () => {
    await using gateway = await start((turn) =>
      turn.history.at(-1)?.role === "toolResult" ? answer("done") : call(asks),
    );
    const first = await gateway.run({ tools: [look] });
    expect(first.result).toMatchObject({ state: "done", stopReason: "tool_calls", text: "One moment.", calls: [asks] });
    expect(first.steps.at(-1)).toEqual({ type: "calls", calls: [asks] });
    const second = await gateway.run({ tools: [look], input: [{ type: "result", callId: "c1", output: "seen" }] });
    expect(second.result.text).toBe("done");
    expect(gateway.runtime.turns[1]?.history.at(-1)).toMatchObject({
      role: "toolResult",
      toolCallId: "c1",
      toolName: "look",
      content: [{ type: "text", text: "seen" }],
    });
  });

  test("a result that nothing waits for is something the caller says", async () => {
    await using gateway = await start();
    await gateway.run({ input: [say("x"), { type: "result", callId: "c9", output: "72F" }] });
    expect(gateway.runtime.turns[0]?.history).toMatchObject([
      { role: "user", content: [{ text: "x" }, { text: "Result of the tool call c9:" }, { text: "72F" }] },
    ]);
  });

  test("what was said before comes first in a session without messages, and only there", async () => {
    await using gateway = await start();
    const context = [
      say("earlier"),
      { type: "call" as const, ...asks },
      { type: "result" as const, callId: "c1", output: "seen" },
      { type: "answer" as const, text: "I saw it" },
    ];
    await gateway.run({ context });
    const roles = () => gateway.runtime.turns.at(-1)?.history.map(({ role }) => role);
    expect(roles()).toEqual(["user", "assistant", "toolResult", "assistant", "user"]);
    await gateway.run({ context });
    expect(roles()).toEqual(["user", "assistant", "toolResult", "assistant", "user", "assistant", "user"]);
  });

  test("a turn that fails says why", async () => {
    await using gateway = await start(async function* () {
      yield { type: "error", kind: "rate_limit", message: "slow down" };
    });
    expect((await gateway.run()).result).toMatchObject({
      state: "failed",
      error: "slow down",
      errorKind: "rate_limit",
    });
  });

  test("text of a failed model call is taken back", async () => {
    await using gateway = await start(async function* () {
      yield { type: "text", delta: "no" };
      yield { type: "retry", attempt: 1, delayMs: 0, reason: "broken" };
      yield* answer("yes");
    });
    const { steps, result } = await gateway.run();
    expect(steps.slice(0, 3)).toEqual([
      { type: "text", delta: "no" },
      { type: "part-void" },
      { type: "text", delta: "yes" },
    ]);
    expect(result.text).toBe("yes");
  });

  test("images are known by their bytes, stay in the transcript and are there in later turns", async () => {
    await using gateway = await start();
    const large = Buffer.concat([Buffer.from(png, "base64"), Buffer.alloc(60_000)]).toString("base64");
    const image = (data: string) => ({
      type: "image" as const,
      source: { kind: "base64" as const, data, mimeType: "image/jpeg" },
    });
    await gateway.run({ input: [{ type: "message", content: [image(png), image(large)] }] });
    await gateway.run();
    const seen = [
      { type: "image", mimeType: "image/png", data: png },
      { type: "image", mimeType: "image/png", data: large },
    ];
    expect(gateway.runtime.turns.map(({ history }) => history[0]?.content)).toEqual([seen, seen]);
  });
});

let deep: Record<string, unknown> = {};
for (let n = 0; n < 5_000; n++) deep = { deep };
const image = (source: object) => [{ type: "message", content: [{ type: "image", source }] }] as never;

test.each([
  ["a name of the agent's own tool", { tools: [{ name: "Read" }] }, '"Read" is a tool of the agent itself'],
  ["an unknown choice", { tools: [look], toolChoice: { name: "zz" } }, "tool_choice requested unknown tool: zz"],
  ["a choice without tools", { toolChoice: "required" as const }, "there are no tools"],
  ["two tools of one name", { tools: [look, look] }, "a name of its own"],
  ["a name no provider takes", { tools: [{ name: "a b" }] }, "/tools/0/name: must match pattern"],
  ["a schema too deep to be written out", { tools: [{ name: "a", parameters: deep }] }, "levels deep"],
  [
    "a schema too long",
    { tools: [{ name: "a", parameters: { a: "x".repeat(callerLimits.schemaChars) } }] },
    "characters",
  ],
  ["too many tools", { tools: Array.from({ length: 129 }, (_, n) => ({ name: `t${n}` })) }, "tools"],
  ["nothing said", { input: [] }, "input"],
  [
    "an image that is none",
    { input: image({ kind: "base64", data: "QUJDRA==" }) },
    "input[0].content[0]: the image is none of",
  ],
  [
    "an image that is not base64",
    { input: image({ kind: "base64", data: "%%%%" }) },
    "the content is not valid base64",
  ],
] satisfies [string, Partial<Params<"turns.run">>, string][])("T-G2: refuses %s", async (_, params, message) => {
  await using gateway = await start();
  await expect(gateway.run(params)).rejects.toThrow(message);
  expect(gateway.runtime.turns).toHaveLength(0);
});

test("no socket has it, and who may not write may not run it", async () => {
  await using gateway = await start();
  const client = createMemoryClient(gateway.gateway);
  await client.connect();
  expect(await client.request("turns.run", {})).toMatchObject({ error: { message: "unknown method: turns.run" } });
  await expect(gateway.run({}, { ...principal, scopes: ["operator.read"] })).rejects.toThrow(
    "missing scope: operator.write",
  );
});
