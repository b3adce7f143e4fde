import { describe, expect, test } from "vitest";
import type { TurnEvent } from "./runtime/agent-runtime.ts";
import { createMemoryClient } from "./testing/memory-client.ts";
import {
  answer,
  assistantMessage,
  createScriptedRuntime,
  scriptedModel,
  type TurnScript,
  untilAborted,
} from "./testing/scripted-runtime.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const hello: TurnScript = () => answer("Hel", "lo");

/** Says what it has, then waits for the abort. */
async function* stuck(text: string, signal: AbortSignal): AsyncIterable<TurnEvent> {
  yield { type: "model", model: scriptedModel };
  yield { type: "text", delta: text };
  await untilAborted(signal);
  yield { type: "end", stopReason: "aborted" };
}

const send = (sessionKey: string, message: string, idempotencyKey: string) => ({ sessionKey, message, idempotencyKey });

describe("a turn", () => {
  test("is acknowledged, streamed, ended whole and found in the history", async () => {
    const runtime = createScriptedRuntime(hello);
    await using test = await startTestGateway(runtime);
    const client = createMemoryClient(test.gateway);
    expect(await client.connect()).toMatchObject({
      ok: true,
      payload: { type: "hello-ok", protocol: 4, auth: { role: "operator" } },
    });
    expect(await client.request("chat.send", send("s", "hi", "run-1"))).toMatchObject({
      ok: true,
      payload: { runId: "run-1", status: "started" },
    });
    const final = await client.event("chat", ({ state }) => state === "final");
    expect(final.payload).toMatchObject({
      runId: "run-1",
      sessionKey: "agent:main:s",
      message: { content: [{ type: "text", text: "Hello" }] },
    });
    const deltas = client.events("chat").filter(({ payload }) => payload?.["state"] === "delta");
    expect(deltas.map(({ payload }) => payload?.["deltaText"]).join("")).toBe("Hello");
    const phases = client
      .events("agent")
      .filter(({ payload }) => payload?.["stream"] === "lifecycle")
      .map(({ payload }) => payload?.["data"]);
    expect(phases).toMatchObject([{ phase: "start" }, { phase: "model" }, { phase: "end" }]);
    const history = await client.request("chat.history", { sessionKey: "s" });
    expect(history.payload).toMatchObject({
      sessionKey: "s",
      messages: [
        { role: "user", content: [{ text: "hi" }] },
        { role: "assistant", content: [{ text: "Hello" }] },
      ],
    });
    expect(runtime.turns[0]?.history.at(-1)).toMatchObject({ role: "user", content: [{ text: "hi" }] });
    const numbers = client.received.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test("starts once however often its id is sent", async () => {
    const runtime = createScriptedRuntime(hello);
    await using test = await startTestGateway(runtime);
    const client = createMemoryClient(test.gateway);
    await client.connect();
    await Promise.all([1, 2, 3].map(() => client.request("chat.send", send("s", "hi", "same"))));
    await client.event("chat", ({ state }) => state === "final");
    expect(await client.request("chat.send", send("s", "hi", "same"))).toMatchObject({
      ok: true,
      payload: { runId: "same", status: "ok" },
    });
    expect(runtime.turns).toHaveLength(1);
  });

  test("that fails says so once, keeps what it had said, and the next one runs", async () => {
    let count = 0;
    const runtime = createScriptedRuntime(async function* (): AsyncIterable<TurnEvent> {
      if (count++ > 0) return yield* answer("fine");
      yield { type: "text", delta: "half" };
      yield { type: "error", kind: "rate_limit", message: "429 slow down", model: scriptedModel };
    });
    await using test = await startTestGateway(runtime);
    const client = createMemoryClient(test.gateway);
    await client.connect();
    await client.request("chat.send", send("s", "one", "r1"));
    const failed = await client.event("chat", ({ state }) => state === "error");
    expect(failed.payload).toMatchObject({ runId: "r1", errorMessage: "429 slow down", errorKind: "rate_limit" });
    expect(await client.request("agent.wait", { runId: "r1" })).toMatchObject({
      payload: { status: "error", error: "429 slow down" },
    });
    await client.request("chat.send", send("s", "two", "r2"));
    await client.event("chat", ({ state, runId }) => state === "final" && runId === "r2");
    const { payload } = await client.request("chat.history", { sessionKey: "s" });
    expect(payload?.["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", stopReason: "error", errorMessage: "429 slow down", content: [{ text: "half" }] },
      { role: "user" },
      { role: "assistant", stopReason: "stop" },
    ]);
    expect(
      client.events("chat").filter(({ payload: event }) => event?.["runId"] === "r1" && event["state"] === "final"),
    ).toEqual([]);
  });

  test("tool activity reaches who asked for it, and the text goes on after it", async () => {
    const runtime = createScriptedRuntime(async function* (): AsyncIterable<TurnEvent> {
      yield { type: "text", delta: "Let me look." };
      yield {
        type: "message",
        message: assistantMessage("Let me look.", {
          stopReason: "toolUse",
          content: [
            { type: "text", text: "Let me look." },
            { type: "toolCall", id: "c1", name: "read", arguments: { path: "a" } },
          ],
        }),
      };
      yield { type: "tool-start", toolCallId: "c1", name: "read", args: { path: "a" } };
      yield {
        type: "tool-end",
        toolCallId: "c1",
        name: "read",
        isError: false,
        result: { content: [{ type: "text", text: "A" }] },
      };
      yield {
        type: "message",
        message: {
          role: "toolResult",
          toolCallId: "c1",
          toolName: "read",
          content: [{ type: "text", text: "A" }],
          isError: false,
          timestamp: 1,
        },
      };
      yield* answer("It says A.");
    });
    await using test = await startTestGateway(runtime);
    const asks = createMemoryClient(test.gateway);
    const watches = createMemoryClient(test.gateway);
    await Promise.all([asks.connect(), watches.connect()]);
    await watches.request("sessions.subscribe");
    await asks.request("chat.send", send("s", "read a", "r1"));
    const final = await asks.event("chat", ({ state }) => state === "final");
    expect(final.payload).toMatchObject({ message: { content: [{ text: "Let me look.\n\nIt says A." }] } });
    const tools = asks.events("agent").filter(({ payload }) => payload?.["stream"] === "tool");
    expect(tools.map(({ payload }) => payload?.["data"])).toMatchObject([
      { phase: "start", name: "read", args: { path: "a" } },
      { phase: "result", isError: false, result: { content: [{ text: "A" }] } },
    ]);
    await watches.event("chat", ({ state }) => state === "final");
    expect(watches.events("agent").some(({ payload }) => payload?.["stream"] === "tool")).toBe(false);
    expect(watches.events("session.tool")).toHaveLength(2);
    await watches.event("session.message", ({ messageSeq }) => messageSeq === 4);
    expect(watches.events("session.message").map(({ payload }) => payload?.["message"])).toMatchObject([
      { role: "user" },
      { role: "assistant" },
      { role: "toolResult" },
      { role: "assistant" },
    ]);
  });
});

describe("stopping", () => {
  test("an abort keeps the text and is told before it is answered", async () => {
    await using test = await startTestGateway(createScriptedRuntime((_turn, signal) => stuck("so far", signal)));
    const client = createMemoryClient(test.gateway);
    await client.connect();
    await client.request("chat.send", send("s", "go", "r1"));
    await client.event("chat", ({ state }) => state === "delta");
    expect(await client.request("chat.abort", { sessionKey: "s", runId: "r1" })).toMatchObject({
      ok: true,
      payload: { ok: true, aborted: true, runIds: ["r1"] },
    });
    expect(client.events("chat").at(-1)?.payload).toMatchObject({
      state: "aborted",
      stopReason: "rpc",
      sessionKey: "s",
      message: { content: [{ text: "so far" }] },
    });
    const { payload } = await client.request("chat.history", { sessionKey: "s" });
    expect(payload?.["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", stopReason: "aborted", content: [{ text: "so far" }] },
    ]);
    expect(await client.request("chat.abort", { sessionKey: "s" })).toMatchObject({
      payload: { aborted: false, runIds: [] },
    });
  });

  test("a runtime that does not let go holds up nobody for long", async () => {
    const runtime = createScriptedRuntime(async function* (): AsyncIterable<TurnEvent> {
      yield { type: "text", delta: "x" };
      await new Promise(() => {});
    });
    await using test = await startTestGateway(runtime);
    const client = createMemoryClient(test.gateway);
    await client.connect();
    await client.request("chat.send", send("s", "go", "r1"));
    await client.event("chat", ({ state }) => state === "delta");
    expect(await client.request("chat.abort", { sessionKey: "s" })).toMatchObject({ payload: { aborted: true } });
  });

  test("a stop word stops waiting and running turns of its session only", async () => {
    await using test = await startTestGateway(createScriptedRuntime((_turn, signal) => stuck("x", signal)));
    const client = createMemoryClient(test.gateway);
    await client.connect();
    for (const run of ["a1", "a2"]) await client.request("chat.send", send("a", "go", run));
    await client.request("chat.send", send("b", "go", "b1"));
    await client.event("chat", ({ state, runId }) => state === "delta" && runId === "b1");
    const stopped = await client.request("chat.send", send("a", " Stop ", "ignored"));
    expect(stopped).toMatchObject({ ok: true, payload: { ok: true, aborted: true, runIds: ["a1", "a2"] } });
    expect(
      client
        .events("chat")
        .filter(({ payload }) => payload?.["state"] === "aborted")
        .map(({ payload }) => payload?.["runId"]),
    ).toEqual(expect.arrayContaining(["a1", "a2"]));
    expect(await client.request("agent.wait", { runId: "b1", timeoutMs: 0 })).toMatchObject({
      payload: { status: "timeout" },
    });
  });

  test("the gateway's stop is told, cuts what is late, and closes with the restart code", async () => {
    await using test = await startTestGateway(createScriptedRuntime((_turn, signal) => stuck("late", signal)));
    const client = createMemoryClient(test.gateway);
    await client.connect();
    await client.request("chat.send", send("s", "go", "r1"));
    await client.event("chat", ({ state }) => state === "delta");
    const stopping = test.gateway.stop();
    expect((await client.event("shutdown")).payload).toEqual({ reason: "gateway stopping", restartExpectedMs: null });
    expect(await client.closed()).toEqual({ code: 1012, reason: "service restart" });
    await stopping;
  });
});

describe("one turn at a time in a session", () => {
  test("the rest wait in order, other sessions do not", async () => {
    const gates = new Map<string, () => void>();
    const runtime = createScriptedRuntime(async function* (turn): AsyncIterable<TurnEvent> {
      await new Promise<void>((resolve) => void gates.set(turn.runId, resolve));
      yield* answer(turn.runId);
    });
    await using test = await startTestGateway(runtime);
    const client = createMemoryClient(test.gateway);
    await client.connect();
    for (const run of ["a1", "a2", "a3"]) await client.request("chat.send", send("a", run, run));
    await client.request("chat.send", send("b", "b1", "b1"));
    await expect.poll(() => runtime.turns.map(({ runId }) => runId)).toEqual(["a1", "b1"]);
    for (const run of ["a1", "a2", "a3"]) {
      await client.event("agent", ({ runId }) => runId === run);
      await expect.poll(() => gates.has(run)).toBe(true);
      gates.get(run)?.();
      await client.event("chat", ({ state, runId }) => state === "final" && runId === run);
    }
    expect(runtime.turns.filter(({ sessionKey }) => sessionKey === "agent:main:a").map(({ runId }) => runId)).toEqual([
      "a1",
      "a2",
      "a3",
    ]);
    gates.get("b1")?.();
  });

  test("too many waiting turns are refused before anything runs", async () => {
    await using test = await startTestGateway(
      createScriptedRuntime((_turn, signal) => stuck("x", signal)),
      { settings: { maxRunningTurns: 1, maxQueuedTurns: 2 } },
    );
    const client = createMemoryClient(test.gateway);
    await client.connect();
    await client.request("chat.send", send("s", "1", "r1"));
    await client.event("chat", ({ state }) => state === "delta");
    for (const run of ["r2", "r3"]) await client.request("chat.send", send("s", run, run));
    expect(await client.request("chat.send", send("s", "4", "r4"))).toMatchObject({
      ok: false,
      error: { code: "UNAVAILABLE", retryable: true, retryAfterMs: 1000 },
    });
  });
});

describe("agent", () => {
  test("answers twice: accepted, then the result", async () => {
    await using test = await startTestGateway(createScriptedRuntime(hello));
    const client = createMemoryClient(test.gateway);
    await client.connect();
    const result = await client.request("agent", { message: "hi", agentId: "main", idempotencyKey: "r1" }, 2);
    expect(client.received.filter(({ id }) => id === result.id)).toMatchObject([
      { ok: true, payload: { runId: "r1", status: "accepted" } },
      {
        ok: true,
        payload: {
          runId: "r1",
          status: "ok",
          summary: "completed",
          result: { payloads: [{ text: "Hello", mediaUrl: null }], meta: { aborted: false } },
        },
      },
    ]);
    expect(await client.request("agent.wait", { runId: "r1", timeoutMs: 0 })).toMatchObject({
      payload: { runId: "r1", status: "ok" },
    });
  });

  test("its time limit ends the turn with what it has", async () => {
    await using test = await startTestGateway(createScriptedRuntime((_turn, signal) => stuck("partial", signal)));
    const client = createMemoryClient(test.gateway);
    await client.connect();
    const result = await client.request(
      "agent",
      { message: "hi", agentId: "main", idempotencyKey: "r1", timeout: 1 },
      2,
    );
    expect(result).toMatchObject({
      ok: true,
      payload: { status: "ok", result: { payloads: [{ text: "partial" }], meta: { aborted: true } } },
    });
    expect(client.events("chat").at(-1)?.payload).toMatchObject({
      state: "final",
      message: { content: [{ text: "partial" }] },
    });
  });

  test.each([
    [{ agentId: "ghost" }, 'invalid agent params: unknown agent id "ghost"'],
    [
      { agentId: "main", sessionKey: "agent:other:x" },
      'invalid agent params: agent "main" does not match session key agent "other"',
    ],
  ])("refuses %j", async (params, message) => {
    await using test = await startTestGateway(createScriptedRuntime(hello));
    const client = createMemoryClient(test.gateway);
    await client.connect();
    expect(await client.request("agent", { message: "hi", idempotencyKey: "r1", ...params })).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message },
    });
  });
});
