import { describe, expect, test } from "vitest";
import type { GatewaySettings } from "../../settings.ts";
import { defaultSettings } from "../../settings.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import {
  answer,
  assistantMessage,
  createScriptedRuntime,
  scriptedModel,
  type TurnScript,
  untilAborted,
} from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

type Message = { role: string; content: { text?: string }[]; provenance?: unknown };
type Spawned = { childSessionKey: string; runId: string; sessionId: string };

const wordsOf = ({ content }: { content: readonly object[] }): string =>
  content.map((part) => ("text" in part ? part.text : "")).join("");
const isChild = (key: string): boolean => key.includes(":subagent:");

/** Children say `child says <task>` unless the script says otherwise; parents answer `noted`. */
const helpful: TurnScript = (turn) => {
  const said = turn.history.at(-1);
  return isChild(turn.sessionKey) && said ? answer(`child says ${wordsOf(said)}`) : answer("noted");
};

async function connected(script: TurnScript = helpful, subagents: Partial<GatewaySettings["subagents"]> = {}) {
  const runtime = createScriptedRuntime(script);
  const settings = { subagents: { ...defaultSettings.subagents, ...subagents } };
  const started = await startTestGateway(runtime, { settings });
  const client = createMemoryClient(started.gateway);
  await client.connect();
  const request = async (method: string, params: object) => {
    const answered = await client.request(method, params);
    if (!answered.ok) throw new Error(answered.error?.message);
    return answered.payload ?? {};
  };
  const spawn = async (params: object): Promise<Spawned> => (await request("sessions.spawn", params)) as Spawned;
  const history = async (sessionKey: string): Promise<Message[]> =>
    ((await request("chat.history", { sessionKey })) as { messages: Message[] }).messages;
  return {
    runtime,
    client,
    /** From now on these limits hold. */
    limit: (change: Partial<GatewaySettings["subagents"]>) =>
      started.gateway.reconfigure({ ...started.settings, subagents: { ...settings.subagents, ...change } }),
    request,
    spawn,
    history,
    ended: (runId: string) => request("agent.wait", { runId, timeoutMs: 10_000 }),
    /** Resolves when the parent has answered the report of a run. */
    reported: (runId: string) =>
      client.event(
        "chat",
        (payload) =>
          payload["runId"] === `report:${runId}` && ["final", "aborted", "error"].includes(String(payload["state"])),
      ),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

describe("a sub-agent", () => {
  test("works in a session of its own and is reported to its parent, whose agent answers", async () => {
    await using test = await connected();
    const { spawn, reported, history, request, client } = test;
    const spawned = await spawn({ task: "count the files", label: "Counting", model: "test/model-2", thinking: "low" });
    expect(spawned).toMatchObject({
      status: "accepted",
      childSessionKey: expect.stringMatching(/^agent:main:subagent:[0-9a-f-]{36}$/),
      sessionKey: spawned.childSessionKey,
      runId: expect.any(String),
      parentSessionKey: "agent:main:main",
    });
    await reported(spawned.runId);
    expect((await history(spawned.childSessionKey)).map(wordsOf)).toEqual([
      "count the files",
      "child says count the files",
    ]);
    const told = await history("main");
    expect(told.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(wordsOf(told[0]!)).toContain('"Counting" has finished.');
    expect(wordsOf(told[0]!)).toContain("child says count the files");
    expect(told[0]?.provenance).toMatchObject({ sourceSessionKey: spawned.childSessionKey });
    expect(wordsOf(told[1]!)).toBe("noted");
    // Told once, and never again.
    expect(client.events("chat").filter(({ payload }) => payload?.["runId"] === `report:${spawned.runId}`)).not.toEqual(
      [],
    );
    const row = {
      key: spawned.childSessionKey,
      label: "Counting",
      spawnedBy: "agent:main:main",
      parentSessionKey: "agent:main:main",
      spawnDepth: 1,
      createdVia: "operator",
      modelProvider: "test",
      model: "model-2",
      thinkingLevel: "low",
    };
    expect(await request("sessions.list", { spawnedBy: "agent:main:main" })).toMatchObject({ sessions: [row] });
    expect(await request("sessions.describe", { key: spawned.childSessionKey })).toMatchObject({ session: row });
    const [childTurn] = test.runtime.turns;
    expect(childTurn).toMatchObject({ model: "test/model-2", thinking: "low", agentId: "main" });
    expect(childTurn?.extraSystemPrompt).toContain("agent:main:main");
  });

  test("is started under the other name and with what clients of protocol 3 send, beside members nobody knows", async () => {
    await using test = await connected();
    const { client } = test;
    const params = { task: "x", runTimeoutSeconds: 60, cleanup: "keep", label: "l", sandbox: "inherit" };
    expect(await client.request("sessions_spawn", params)).toMatchObject({
      ok: true,
      payload: { status: "accepted", childSessionKey: expect.any(String), runId: expect.any(String) },
    });
  });

  test("without a task has a session that waits for its first message", async () => {
    await using test = await connected();
    const { spawn, request, history } = test;
    const spawned = await spawn({ model: "model-2" });
    expect(spawned).toMatchObject({ status: "created" });
    expect(spawned.runId).toBeUndefined();
    const sent = await request("sessions.send", { key: spawned.childSessionKey, message: "begin" });
    await test.ended(String(sent["runId"]));
    expect((await history(spawned.childSessionKey)).map(wordsOf)).toEqual(["begin", "child says begin"]);
  });

  test("is asked for once however often its idempotency key comes", async () => {
    await using test = await connected();
    const [first, second] = await Promise.all([
      test.spawn({ task: "x", idempotencyKey: "k" }),
      test.spawn({ task: "x", idempotencyKey: "k" }),
    ]);
    expect(second).toEqual(first);
    await test.reported(first.runId);
    expect(await test.history("main")).toHaveLength(2);
  });

  test("may have the label of another session; then the label is made its own", async () => {
    await using test = await connected();
    const labels = [];
    for (const task of ["a", "b"]) labels.push(await test.spawn({ task, label: "Same" }));
    expect(labels).toMatchObject([{ label: "Same" }, { label: expect.stringMatching(/^Same #....$/) }]);
  });
});

describe("the end of a sub-agent", () => {
  test("by its time limit is reported as that, with what it had said", async () => {
    await using test = await connected(async function* (turn, signal) {
      if (!isChild(turn.sessionKey)) return yield* answer("noted");
      yield { type: "model", model: { provider: "test", id: "model-1" } };
      yield { type: "text", delta: "so far" };
      await untilAborted(signal);
    });
    const { runId } = await test.spawn({ task: "slow work", timeout: 0.05 });
    await test.reported(runId);
    const [report] = await test.history("main");
    expect(wordsOf(report!)).toContain("was stopped after its time limit");
    expect(wordsOf(report!)).toContain("so far");
  });

  test("by failure is reported with its reason", async () => {
    await using test = await connected((turn) =>
      isChild(turn.sessionKey)
        ? (async function* () {
            yield { type: "error" as const, kind: "unknown" as const, message: "the model is gone" };
          })()
        : answer("noted"),
    );
    const { runId } = await test.spawn({ task: "x" });
    await test.reported(runId);
    expect(wordsOf((await test.history("main"))[0]!)).toContain("failed: the model is gone");
  });

  test.each(["sessions_kill", "chat.abort"])("by %s is reported", async (method) => {
    await using test = await connected(async function* (turn, signal) {
      if (!isChild(turn.sessionKey)) return yield* answer("noted");
      await untilAborted(signal);
    });
    const { runId, childSessionKey } = await test.spawn({ task: "x" });
    expect(await test.request(method, { sessionKey: childSessionKey })).toMatchObject({
      aborted: true,
      runIds: [runId],
    });
    await test.reported(runId);
    expect(wordsOf((await test.history("main"))[0]!)).toContain("was stopped.");
  });

  test("by a stop of its parent is noted there and starts no turn", async () => {
    await using test = await connected(async function* (turn, signal) {
      if (!isChild(turn.sessionKey)) return yield* answer("noted");
      await untilAborted(signal);
    });
    const { runId, childSessionKey } = await test.spawn({ task: "x" });
    await test.request("sessions.messages.subscribe", { key: "main" });
    await test.request("chat.send", { sessionKey: "main", message: "/stop", idempotencyKey: "s" });
    await test.client.event("session.message");
    expect(await test.ended(runId)).toMatchObject({ status: "ok" });
    const told = await test.history("main");
    expect(told).toMatchObject([{ role: "user", provenance: { sourceSessionKey: childSessionKey } }]);
    expect(wordsOf(told[0]!)).toContain("was stopped.");
    expect(test.runtime.turns.map(({ sessionKey }) => sessionKey)).toEqual([childSessionKey]);
  });

  test("waits for the ends of its own sub-agents, which are told to it first", async () => {
    const release = Promise.withResolvers<void>();
    await using test = await connected(
      async function* (turn) {
        const said = wordsOf(turn.history.at(-1)!);
        if (said === "grandchild's work") {
          await release.promise;
          return yield* answer("done deep down");
        }
        if (isChild(turn.sessionKey)) return yield* answer(said.startsWith("[Sub-agent]") ? "all done" : "begun");
        yield* answer("noted");
      },
      { maxSpawnDepth: 2 },
    );
    const child = await test.spawn({ task: "child's work" });
    const grandchild = (await test.spawn({ task: "grandchild's work", parentSessionKey: child.childSessionKey })).runId;
    await test.ended(child.runId);
    release.resolve();
    await test.reported(grandchild);
    await test.reported(child.runId);
    expect(wordsOf((await test.history("main"))[0]!)).toContain("all done");
    expect((await test.history("main")).filter(({ role }) => role === "user")).toHaveLength(1);
  });

  test("with cleanup takes its session away after the report; without it the session stays", async () => {
    await using test = await connected();
    await test.request("sessions.subscribe", {});
    const gone = await test.spawn({ task: "a", cleanup: "delete" });
    const kept = await test.spawn({ task: "b", cleanup: "keep" });
    await test.reported(gone.runId);
    await test.reported(kept.runId);
    await test.client.event("sessions.changed", ({ reason }) => reason === "delete");
    const { sessions } = (await test.request("sessions.list", { spawnedBy: "agent:main:main" })) as {
      sessions: { key: string }[];
    };
    expect(sessions.map(({ key }) => key)).toEqual([kept.childSessionKey]);
    const texts = (await test.history("main")).map(wordsOf).join("\n");
    expect(texts).toContain("child says a");
    expect(texts).toContain("child says b");
  });

  test("of a parent that is gone is told to nobody and makes no session", async () => {
    const release = Promise.withResolvers<void>();
    await using test = await connected(async function* (turn, signal) {
      if (isChild(turn.sessionKey)) await Promise.race([release.promise, untilAborted(signal)]);
      yield* answer("x");
    });
    const { runId } = await test.spawn({ task: "x", parentSessionKey: "work" });
    await test.request("sessions.delete", { key: "work" });
    await test.ended(runId);
    expect(await test.request("sessions.resolve", { key: "work" }).catch(String)).toContain("No session found");
  });
});

describe("a budget", () => {
  /** Asks for a tool with every answer; each answer costs $0.30. */
  const spending: TurnScript = async function* (turn) {
    if (!isChild(turn.sessionKey)) return yield* answer("noted");
    for (let step = 1; ; step++) {
      yield { type: "model", model: scriptedModel };
      const message = assistantMessage(`step ${step}`, { stopReason: "toolUse" });
      const usage = { ...message.usage, cost: { ...message.usage.cost, output: 0.3, total: 0.3 } };
      yield { type: "usage", usage, model: scriptedModel };
      yield { type: "message", message };
      const toolCallId = `call-${step}`;
      yield { type: "tool-start", toolCallId, name: "read", args: {} };
      steps.push(step);
      yield { type: "tool-end", toolCallId, name: "read", isError: false, result: { content: [] } };
    }
  };
  let steps: number[] = [];

  test("stops the run before its next call; the session cannot go on with it, and the parent is told", async () => {
    steps = [];
    await using test = await connected(spending);
    const { runId, childSessionKey } = await test.spawn({ task: "x", budget: 0.5 });
    expect(await test.ended(runId)).toMatchObject({
      status: "error",
      error: "stopped: the budget of $0.50 is spent ($0.60)",
    });
    expect(steps).toEqual([1]);
    await test.reported(runId);
    const text = wordsOf((await test.history("main"))[0]!);
    expect(text).toContain("failed: stopped: the budget of $0.50 is spent ($0.60)");
    expect(text).toContain("step 2");
    expect(text).toContain("$0.6000");
    const again = await test.request("sessions.send", { key: childSessionKey, message: "go on" });
    expect(await test.ended(String(again["runId"]))).toMatchObject({ status: "error" });
    expect(steps).toEqual([1]);
    expect(await test.request("sessions.describe", { key: childSessionKey })).toMatchObject({
      session: { budgetUsd: 0.5 },
    });
  });

  test("pays for the sub-agents of its sub-agent too", async () => {
    steps = [];
    await using test = await connected(spending, { maxSpawnDepth: 2 });
    const child = await test.spawn({ budget: 0.5 });
    const grandchild = await test.spawn({ task: "x", parentSessionKey: child.childSessionKey, budget: 100 });
    expect(await test.ended(grandchild.runId)).toMatchObject({ error: expect.stringContaining("budget of $0.50") });
  });

  test("is refused where the price of the model is not known", async () => {
    await using test = await connected(spending);
    await expect(test.spawn({ task: "x", budget: 1, model: "model-2" })).rejects.toThrow(
      /test\/model-2 has no known price; set "cost"/,
    );
    expect(await test.request("sessions.list", {})).toMatchObject({ sessions: [] });
  });

  test("ends with a call that turns out to have no price", async () => {
    await using test = await connected(async function* (turn) {
      if (!isChild(turn.sessionKey)) return yield* answer("noted");
      const { usage } = assistantMessage("");
      yield { type: "usage", usage, model: scriptedModel, isUnpriced: true };
      yield* answer("never said");
    });
    const { runId } = await test.spawn({ task: "x", budget: 1 });
    expect(await test.ended(runId)).toMatchObject({ error: expect.stringContaining("no known price") });
    expect(await test.request("usage.cost", { days: 1 })).toMatchObject({ totals: { missingCostEntries: 1 } });
  });
});

describe("limits", () => {
  const waiting: TurnScript = async function* (turn, signal) {
    if (isChild(turn.sessionKey)) await untilAborted(signal);
    yield* answer("x");
  };

  test("sub-agents of sub-agents are refused unless the depth allows them", async () => {
    await using test = await connected(waiting);
    const { childSessionKey } = await test.spawn({ task: "x" });
    await expect(test.spawn({ task: "y", parentSessionKey: childSessionKey })).rejects.toThrow(/maxSpawnDepth 1/);
  });

  test("a session has so many at a time, however fast they are asked for", async () => {
    await using test = await connected(waiting, { maxChildrenPerAgent: 2 });
    const asked = await Promise.allSettled(["a", "b", "c"].map((task) => test.spawn({ task })));
    expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(String(asked[2]?.status === "rejected" && asked[2].reason)).toContain("maxChildrenPerAgent 2");
    expect(await test.spawn({ task: "d", parentSessionKey: "other" })).toMatchObject({ status: "accepted" });
  });

  test("and follows the configuration while it runs", async () => {
    await using test = await connected(waiting, { maxChildrenPerAgent: 1 });
    const { childSessionKey } = await test.spawn({ task: "a" });
    await expect(test.spawn({ task: "b" })).rejects.toThrow(/maxChildrenPerAgent 1/);
    test.limit({ maxChildrenPerAgent: 2, maxSpawnDepth: 2 });
    expect(await test.spawn({ task: "b" })).toMatchObject({ status: "accepted" });
    expect(await test.spawn({ task: "c", parentSessionKey: childSessionKey })).toMatchObject({ status: "accepted" });
    test.limit({ maxChildrenPerAgent: 2, maxSpawnDepth: 1 });
    await expect(test.spawn({ task: "d", parentSessionKey: childSessionKey })).rejects.toThrow(/maxSpawnDepth 1/);
  });

  test("so many run at a time; the others wait and keep nobody else waiting", async () => {
    await using test = await connected(waiting, { maxConcurrent: 1 });
    await test.spawn({ task: "a" });
    const second = await test.spawn({ task: "b" });
    await test.request("chat.send", { sessionKey: "s", message: "hi", idempotencyKey: "hi" });
    expect(await test.ended("hi")).toMatchObject({ status: "ok" });
    expect(test.runtime.turns.map(({ sessionKey }) => sessionKey)).not.toContain(second.childSessionKey);
  });

  test.each([
    [{ task: "x", agentId: "ghost" }, /unknown agent id "ghost"/],
    [{ task: "x", model: "nobody/nothing" }, /model not allowed: nobody\/nothing/],
    [{ task: "x", cleanup: "maybe" }, /cleanup/],
    [{ task: "x", timeout: -1 }, /at \/timeout: must be >= 0/],
    [{ task: "x", budget: 0 }, /at \/budget: must be > 0/],
    [{ task: "x", budget: "2" }, /at \/budget: must be number/],
    [{ task: "" }, /task/],
  ])("%j is refused by name", async (params, reason) => {
    await using test = await connected();
    await expect(test.spawn(params)).rejects.toThrow(reason);
  });
});
