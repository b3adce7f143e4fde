import { describe, expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime, scriptedModel, untilAborted } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

async function start(runtime = createScriptedRuntime(() => answer("hello"))) {
  const test = await startTestGateway(runtime);
  const client = createMemoryClient(test.gateway);
  await client.connect();
  let count = 0;
  return {
    test,
    client,
    runtime,
    send: async (message: string, extra: Record<string, unknown> = {}) => {
      const runId = `run-${++count}`;
      const ack = await client.request("chat.send", { sessionKey: "s", message, idempotencyKey: runId, ...extra });
      return { runId, ack };
    },
    finalOf: (runId: string) => client.event("chat", (event) => event["runId"] === runId && event["state"] === "final"),
    rows: async () => (await client.request("sessions.list", { search: "s" })).payload?.["sessions"],
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}
const textIn = (event: { payload?: Record<string, unknown> } | undefined): string => {
  const message = event?.payload?.["message"] as { content?: { text?: string }[] } | undefined;
  return message?.content?.[0]?.text ?? "";
};

describe("a chat command", () => {
  test("is answered without a model: one final under the key as sent, its message stored", async () => {
    await using one = await start();
    const { runId, ack } = await one.send("/status");
    expect(ack).toMatchObject({ ok: true, payload: { runId, status: "started" } });
    const final = await one.finalOf(runId);
    expect(final.payload).toMatchObject({
      sessionKey: "s",
      seq: 1,
      message: { role: "assistant", provider: "openclaw", model: "gateway-injected" },
    });
    expect(textIn(final)).toMatch(/Model: test\/model-1.*Session: agent:main:s.*Queue: queue \(depth 0\)/s);
    const history = await one.client.request("chat.history", { sessionKey: "s" });
    expect(history.payload?.["messages"]).toMatchObject([{ content: [{ text: textIn(final) }] }]);
    expect(one.client.events("chat")).toHaveLength(1);
    expect(one.client.events("agent")).toEqual([]);
    expect(one.runtime.turns).toEqual([]);
    expect(await one.client.request("agent.wait", { runId })).toMatchObject({ payload: { status: "ok" } });
  });

  test.each([
    ["/think high", "Thinking level set to high.", { thinkingLevel: "high" }],
    ["/verbose on", "⚙️ Verbose logging enabled.", { verboseLevel: "on" }],
    ["/reasoning on", "⚙️ Reasoning visibility enabled.", { reasoningLevel: "on" }],
    ["/usage full", "⚙️ Usage footer: full.", { responseUsage: "full" }],
    ["/model test/model-2", "Model set to test/model-2.", { model: "model-2" }],
    ["/queue collect", "⚙️ Queue mode set to collect.", { queueMode: "collect" }],
    ["/think hard", 'Unrecognized thinking level "hard". Options: off, minimal, low, medium, high.', {}],
    [
      "/model nope/none",
      'Model "nope/none" is not allowed. Use /models to list providers, or /models <provider> to list models.',
      {},
    ],
    ["/model list", "Providers:\n- test (2)\n\nUse: /models <provider>\nSwitch: /model <provider/model>", {}],
  ])("%s", async (message, text, row) => {
    await using one = await start();
    const { runId } = await one.send(message);
    expect(textIn(await one.finalOf(runId))).toBe(text);
    expect(await one.rows()).toMatchObject([row]);
  });

  test("/compact keeps as many messages as asked", async () => {
    await using one = await start();
    for (const message of ["one", "two"]) await one.finalOf((await one.send(message)).runId);
    expect(textIn(await one.finalOf((await one.send("/compact")).runId))).toBe("⚙️ Nothing to compact.");
    expect(textIn(await one.finalOf((await one.send("/compact 3")).runId))).toBe("⚙️ Compacted (3 messages kept)");
    const history = await one.client.request("chat.history", { sessionKey: "s" });
    expect(history.payload?.["totalMessages"]).toBe(4);
  });

  test("works while the session is busy, and twice the same id is one answer", async () => {
    await using one = await start(
      createScriptedRuntime(async function* (_turn, signal) {
        yield { type: "model", model: scriptedModel };
        await untilAborted(signal);
        yield { type: "end", stopReason: "aborted" };
      }),
    );
    await one.send("go");
    const { runId } = await one.send("/whoami");
    expect(textIn(await one.finalOf(runId))).toContain("User id: gateway-client");
    const again = await one.client.request("chat.send", { sessionKey: "s", message: "/whoami", idempotencyKey: runId });
    expect(again).toMatchObject({ payload: { runId, status: "ok" } });
    expect(one.client.events("chat").filter(({ payload }) => payload?.["runId"] === runId)).toHaveLength(1);
  });

  test("that nobody knows, or that is meant literally, goes to the model", async () => {
    await using one = await start();
    for (const [message, extra] of [
      ["/nosuchcommand", {}],
      ["/status", { suppressCommandInterpretation: true }],
      ["/usr/bin is a path", {}],
    ] as const) {
      const { runId } = await one.send(message, extra);
      expect(textIn(await one.finalOf(runId))).toBe("hello");
    }
    expect(one.runtime.turns).toHaveLength(3);
  });

  test.each(["/new", "/reset"])("%s begins a new session, settings and all, and the agent greets", async (message) => {
    await using one = await start();
    await one.finalOf((await one.send("remember me")).runId);
    await one.finalOf((await one.send("/think high")).runId);
    const [before] = (await one.rows()) as { sessionId: string }[];
    const { runId } = await one.send(message);
    expect((await one.finalOf(runId)).payload).toMatchObject({ sessionKey: "agent:main:s" });
    const history = await one.client.request("chat.history", { sessionKey: "s" });
    expect(history.payload?.["messages"]).toMatchObject([
      { role: "user", content: [{ text: expect.stringContaining("Greet") }] },
      { role: "assistant", content: [{ text: "hello" }] },
    ]);
    expect(one.runtime.turns.at(-1)?.history).toHaveLength(1);
    const [after] = (await one.rows()) as Record<string, unknown>[];
    expect(after?.["sessionId"]).not.toBe(before?.sessionId);
    expect(after).not.toHaveProperty("thinkingLevel");
  });

  test("/new with words begins with them and stops what ran", async () => {
    await using one = await start(
      createScriptedRuntime(async function* (turn, signal) {
        if (turn.history.length === 1 && turn.runId !== "run-1") return yield* answer("fresh");
        await untilAborted(signal);
        yield { type: "end", stopReason: "aborted" };
      }),
    );
    await one.send("go");
    await one.client.event("agent", ({ runId }) => runId === "run-1");
    await one.send("waiting");
    const { runId } = await one.send("/new Hello there");
    await one.finalOf(runId);
    const stopped = one.client.events("chat").filter(({ payload }) => payload?.["state"] === "aborted");
    expect(stopped.map(({ payload }) => [payload?.["runId"], payload?.["stopReason"]]).toSorted()).toEqual([
      ["run-1", "reset"],
      ["run-2", "reset"],
    ]);
    const history = await one.client.request("chat.history", { sessionKey: "s" });
    expect(history.payload?.["messages"]).toMatchObject([
      { content: [{ text: "Hello there" }] },
      { content: [{ text: "fresh" }] },
    ]);
  });

  test("needs the scope of the method that does the same", async () => {
    await using one = await start();
    const writer = createMemoryClient(one.test.gateway);
    await writer.connect({ scopes: ["operator.write"] });
    for (const message of ["/think high", "/model test/model-2", "/queue steer", "/usage full", "/new", "/RESET now"]) {
      const refused = await writer.request("chat.send", { sessionKey: "s", message, idempotencyKey: message });
      expect(refused).toMatchObject({
        ok: false,
        error: { code: "FORBIDDEN", message: "missing scope: operator.admin" },
      });
    }
    for (const message of ["/think", "/model list", "/queue", "/status", "/help"]) {
      expect(await writer.request("chat.send", { sessionKey: "s", message, idempotencyKey: message })).toMatchObject({
        ok: true,
      });
    }
    expect(one.runtime.turns).toEqual([]);
  });

  test("is listed once, for people and for clients", async () => {
    await using one = await start();
    const listed = await one.client.request("commands.list", { includeArgs: false });
    const commands = listed.payload?.["commands"] as { name: string; textAliases: string[] }[];
    expect(commands).toContainEqual({
      name: "think",
      nativeName: "think",
      textAliases: ["/think", "/thinking", "/t"],
      description: "Set how much the model thinks.",
      category: "options",
      source: "native",
      scope: "both",
      acceptsArgs: true,
    });
    const { runId } = await one.send("/help");
    const help = textIn(await one.finalOf(runId));
    expect(help.split("\n").map((line) => line.slice(1).split(" ")[0])).toEqual(commands.map(({ name }) => name));
    const metadata = await one.client.request("chat.metadata", { agentId: "main" });
    expect(metadata.payload).toMatchObject({
      models: [{ id: "model-1", tags: ["default"] }, { id: "model-2" }],
      commands: commands.map(({ name }) => ({ name })),
    });
    const withArgs = (metadata.payload!["commands"] as { name: string; args?: unknown[] }[]).find(
      ({ name }) => name === "queue",
    );
    expect(withArgs?.args).toMatchObject([
      { name: "mode", choices: [{ value: "queue" }, { value: "collect" }, { value: "steer" }, { value: "interrupt" }] },
    ]);
  });
});
