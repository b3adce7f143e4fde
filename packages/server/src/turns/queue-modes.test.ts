import { describe, expect, test } from "vitest";
import type { TurnEvent } from "../runtime/agent-runtime.ts";
import { createMemoryClient } from "../testing/memory-client.ts";
import {
  answer,
  assistantMessage,
  createScriptedRuntime,
  type TurnScript,
  untilAborted,
} from "../testing/scripted-runtime.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

/** The first turn says what it has and waits for the test (or an abort); later ones answer at once. */
function gated(onFirst: TurnScript) {
  const gate = Promise.withResolvers<void>();
  let count = 0;
  const runtime = createScriptedRuntime((turn, signal) =>
    count++ === 0 ? held(turn, signal) : answer(`turn ${count}`),
  );
  async function* held(...[turn, signal]: Parameters<TurnScript>): AsyncIterable<TurnEvent> {
    yield { type: "text", delta: "busy" };
    await Promise.race([gate.promise, untilAborted(signal)]);
    yield* onFirst(turn, signal);
  }
  return { runtime, open: gate.resolve };
}
const ends: TurnScript = async function* (_turn, signal) {
  if (signal.aborted) return yield { type: "end", stopReason: "aborted" };
  yield { type: "message", message: assistantMessage("busy") };
  yield { type: "end", stopReason: "stop" };
};

async function start({ runtime, open }: ReturnType<typeof gated>) {
  const test = await startTestGateway(runtime);
  const client = createMemoryClient(test.gateway);
  await client.connect();
  const send = (idempotencyKey: string, queueMode?: string) =>
    client.request("chat.send", {
      sessionKey: "s",
      message: `say ${idempotencyKey}`,
      idempotencyKey,
      ...(queueMode && { queueMode }),
    });
  await send("first");
  await client.event("chat", ({ state }) => state === "delta");
  return {
    client,
    runtime,
    open,
    send,
    ended: (runId: string) =>
      client.event(
        "chat",
        (event) => event["runId"] === runId && ["final", "aborted", "error"].includes(String(event["state"])),
      ),
    said: async () => {
      const { payload } = await client.request("chat.history", { sessionKey: "s" });
      return (payload!["messages"] as { role: string; content: { text: string }[] }[]).map(
        ({ content }) => content[0]?.text,
      );
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

describe("a message for a busy session", () => {
  test("queue: has a turn of its own, in order", async () => {
    await using one = await start(gated(ends));
    await one.send("a");
    await one.send("b", "queue");
    one.open();
    await one.ended("b");
    expect(await one.said()).toEqual(["say first", "busy", "say a", "turn 2", "say b", "turn 3"]);
  });

  test("interrupt: stops the running turn and goes before what waits", async () => {
    await using one = await start(gated(ends));
    await one.send("waits");
    await one.send("now", "interrupt");
    expect((await one.ended("first")).payload).toMatchObject({
      state: "aborted",
      stopReason: "interrupted",
      message: { content: [{ text: "busy" }] },
    });
    await one.ended("waits");
    expect(await one.said()).toEqual(["say first", "busy", "say now", "turn 2", "say waits", "turn 3"]);
    expect(await one.client.request("agent.wait", { runId: "now" })).toMatchObject({ payload: { status: "ok" } });
  });

  test("collect: waits with others for one turn, and every id ends", async () => {
    await using one = await start(gated(ends));
    for (const id of ["a", "b", "c"])
      expect(await one.send(id, "collect")).toMatchObject({ payload: { runId: id, status: "started" } });
    await one.send("alone");
    one.open();
    await one.ended("alone");
    expect(await one.said()).toEqual(["say first", "busy", "say a", "say b", "say c", "turn 2", "say alone", "turn 3"]);
    expect((await one.ended("a")).payload).toMatchObject({
      state: "final",
      message: { content: [{ text: "turn 2" }] },
    });
    for (const id of ["b", "c"]) {
      const { payload } = await one.ended(id);
      expect(payload).toMatchObject({ state: "final" });
      expect(payload).not.toHaveProperty("message");
      expect(await one.client.request("agent.wait", { runId: id })).toMatchObject({
        payload: { status: "ok", startedAt: expect.any(Number) },
      });
      expect(await one.send(id)).toMatchObject({ payload: { runId: id, status: "ok" } });
    }
    expect(one.runtime.turns).toHaveLength(3);
  });

  test("collect as the setting of the session; a request may say otherwise", async () => {
    await using one = await start(gated(ends));
    await one.client.request("chat.send", { sessionKey: "s", message: "/queue collect", idempotencyKey: "set" });
    await one.ended("set");
    for (const id of ["a", "b"]) await one.send(id);
    await one.send("c", "queue");
    one.open();
    await one.ended("c");
    expect(await one.said()).toEqual([
      "say first",
      "⚙️ Queue mode set to collect.",
      "busy",
      "say a",
      "say b",
      "turn 2",
      "say c",
      "turn 3",
    ]);
  });

  test("steer: is taken by the running turn between two model calls, after what came before", async () => {
    const taken: string[] = [];
    await using one = await start(
      gated(async function* (turn) {
        yield {
          type: "message",
          message: assistantMessage("busy", {
            stopReason: "toolUse",
            content: [
              { type: "text", text: "busy" },
              { type: "toolCall", id: "c1", name: "read", arguments: {} },
            ],
          }),
        };
        yield {
          type: "message",
          message: {
            role: "toolResult",
            toolCallId: "c1",
            toolName: "read",
            content: [{ type: "text", text: "result" }],
            isError: false,
            timestamp: 1,
          },
        };
        for (const { content } of (await turn.steering?.take()) ?? [])
          taken.push(...content.flatMap((part) => (part.type === "text" ? [part.text] : [])));
        yield* answer("done");
      }),
    );
    await one.send("waits");
    await one.send("turn left", "steer");
    one.open();
    await one.ended("waits");
    expect(taken).toEqual(["say turn left"]);
    expect((await one.ended("turn left")).payload).toMatchObject({ state: "final", seq: 1 });
    expect(await one.said()).toEqual(["say first", "busy", "result", "say turn left", "done", "say waits", "turn 2"]);
    expect(await one.client.request("agent.wait", { runId: "turn left" })).toMatchObject({ payload: { status: "ok" } });
  });

  test("steer: has a turn of its own when the running one takes it no more", async () => {
    await using one = await start(gated(ends));
    await one.send("late", "steer");
    one.open();
    await one.ended("late");
    expect(await one.said()).toEqual(["say first", "busy", "say late", "turn 2"]);
  });

  test("stopping one of the joined messages stops the turn that answers them", async () => {
    let count = 0;
    const gate = Promise.withResolvers<void>();
    const runtime = createScriptedRuntime(async function* (_turn, signal) {
      yield { type: "text", delta: "busy" };
      if (count++ === 0) {
        await gate.promise;
        return yield { type: "end", stopReason: "stop" };
      }
      await untilAborted(signal);
      yield { type: "end", stopReason: "aborted" };
    });
    await using one = await start({ runtime, open: gate.resolve });
    for (const id of ["a", "b"]) await one.send(id, "collect");
    one.open();
    await one.client.event("chat", ({ runId, state }) => runId === "a" && state === "delta");
    expect(await one.client.request("chat.abort", { sessionKey: "s", runId: "b" })).toMatchObject({
      payload: { aborted: true, runIds: ["b"] },
    });
    for (const id of ["a", "b"])
      expect((await one.ended(id)).payload).toMatchObject({ state: "aborted", stopReason: "rpc" });
  });
});
