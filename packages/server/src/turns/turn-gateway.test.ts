import { GatewayError } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import type { Turn, TurnGateway } from "../runtime/agent-runtime.ts";
import { defaultSettings, type GatewaySettings } from "../settings.ts";
import { createMemoryClient } from "../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

type Work = (gateway: TurnGateway, turn: Turn) => Promise<unknown>;

/** A gateway where a message `do <name>` runs a piece of work with what the turn's tools have. */
async function connected(
  work: Record<string, Work>,
  over: { settings?: Partial<GatewaySettings>; scopes?: string[] } = {},
) {
  const done: Record<string, unknown> = {};
  const turns: Turn[] = [];
  const runtime = createScriptedRuntime(async function* (turn) {
    turns.push(turn);
    const said = JSON.stringify(turn.history.at(-1)?.content);
    const name = /do (\w+)/.exec(said)?.[1] ?? "";
    const piece = work[name];
    if (piece && turn.gateway) {
      done[name] = await piece(turn.gateway, turn).catch((error: unknown) =>
        error instanceof GatewayError ? `${error.code}: ${error.message}` : error,
      );
    }
    yield* answer(`answer to ${said.slice(0, 30)}`);
  });
  const started = await startTestGateway(runtime, over.settings ? { settings: over.settings } : {});
  const client = createMemoryClient(started.gateway);
  await client.connect({ scopes: over.scopes ?? ["operator.admin"] });
  let sent = 0;
  return {
    client,
    turns,
    reconfigure: (change: Partial<GatewaySettings>) => started.gateway.reconfigure({ ...started.settings, ...change }),
    /** What came of a piece of work that a turn of a session did. */
    run: async (name: string, sessionKey = "main") => {
      const idempotencyKey = `run-${sent++}`;
      const accepted = await client.request("chat.send", { sessionKey, message: `do ${name}`, idempotencyKey });
      if (!accepted.ok) throw new Error(accepted.error?.message);
      await client.request("agent.wait", { runId: idempotencyKey, timeoutMs: 10_000 });
      return done[name];
    },
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

const spawn: Work = (gateway) => gateway.call("sessions.spawn", { task: "t" });

test("a turn starts sub-agents of its own session, whatever parent it names", async () => {
  await using one = await connected({
    spawn: (gateway) => gateway.call("sessions.spawn", { task: "t", parentSessionKey: "agent:main:other" }),
  });
  expect(await one.run("spawn", "work")).toMatchObject({ parentSessionKey: "agent:main:work", status: "accepted" });
  const { payload } = await one.client.request("sessions.list", { spawnedBy: "agent:main:work" });
  expect(payload).toMatchObject({ sessions: [{ createdVia: "agent", spawnDepth: 1 }] });
});

test("a sub-agent has no way to the gateway unless it may have sub-agents itself", async () => {
  await using flat = await connected({ spawn });
  await flat.run("spawn");
  expect(flat.turns.map(({ gateway }) => [...(gateway?.methods ?? [])])).toEqual([
    ["sessions.spawn", "sessions.list", "chat.history", "chat.send", "agent.wait"],
    [],
  ]);
  await using deep = await connected(
    { spawn },
    { settings: { subagents: { ...defaultSettings.subagents, maxSpawnDepth: 2 } } },
  );
  await deep.run("spawn");
  expect([...(deep.turns[1]?.gateway?.methods ?? [])]).toEqual(["sessions.spawn", "sessions.list", "chat.history"]);
});

test("T-D2: scopes are never wider than those of whoever sent the message, and end with read and write", async () => {
  await using reader = await connected({ spawn }, { scopes: ["operator.read", "operator.write"] });
  expect(await reader.run("spawn")).toMatchObject({ status: "accepted" });
  await using admin = await connected({
    methods: async (gateway) => [...gateway.methods],
    // What types forbid is refused too.
    other: (gateway) => gateway.call("sessions.delete" as "sessions.list", { key: "x" } as object),
  });
  expect(await admin.run("other")).toBe("FORBIDDEN: tools of this turn may not call sessions.delete");
});

test.each([
  ["self", "FORBIDDEN", "FORBIDDEN"],
  ["tree", "ok", "FORBIDDEN"],
  ["agent", "ok", "ok"],
  ["all", "ok", "ok"],
] as const)("with visibility %s a child is %s and another session %s", async (sessionVisibility, child, other) => {
  const outcome = (value: unknown): string => (String(value).startsWith("FORBIDDEN") ? "FORBIDDEN" : "ok");
  let childKey = "";
  await using one = await connected(
    {
      spawn: async (gateway) => (childKey = ((await spawn(gateway, {} as Turn)) as { sessionKey: string }).sessionKey),
      child: (gateway) => gateway.call("chat.history", { sessionKey: childKey }),
      other: (gateway) => gateway.call("chat.history", { sessionKey: "elsewhere" }),
      send: (gateway) => gateway.call("chat.send", { sessionKey: "elsewhere", message: "/stop", idempotencyKey: "k" }),
      list: (gateway) => gateway.call("sessions.list", {}),
    },
    { settings: { sessionVisibility } },
  );
  await one.run("nothing", "elsewhere");
  await one.run("spawn");
  expect(outcome(await one.run("child"))).toBe(child);
  expect(outcome(await one.run("other"))).toBe(other);
  expect(outcome(await one.run("send"))).toBe(other);
  const { sessions } = (await one.run("list")) as { sessions: { key: string }[] };
  expect(sessions.some(({ key }) => key === "agent:main:elsewhere")).toBe(other === "ok");
});

test("visibility follows the configuration while it runs", async () => {
  await using one = await connected(
    { other: (gateway) => gateway.call("chat.history", { sessionKey: "elsewhere" }) },
    { settings: { sessionVisibility: "all" } },
  );
  await one.run("nothing", "elsewhere");
  expect(await one.run("other")).toMatchObject({ messages: expect.any(Array) });
  one.reconfigure({ sessionVisibility: "self" });
  expect(String(await one.run("other"))).toMatch(/^FORBIDDEN: .*tools\.sessions\.visibility is "self"/);
});

test("words of an agent are no commands", async () => {
  await using one = await connected(
    {
      send: (gateway) => gateway.call("chat.send", { sessionKey: "b", message: "/model model-2", idempotencyKey: "k" }),
    },
    { settings: { sessionVisibility: "all" } },
  );
  await one.run("nothing", "b");
  expect(await one.run("send")).toMatchObject({ runId: "k", status: "started" });
  await one.client.request("agent.wait", { runId: "k", timeoutMs: 10_000 });
  expect(one.turns.map(({ sessionKey, model }) => [sessionKey, model])).toContainEqual(["agent:main:b", undefined]);
  expect(JSON.stringify(one.turns.at(-1)?.history.at(-1))).toContain("/model model-2");
});

test("T-H3: only answers to its own messages are waited for, its own session is not sent to, and nothing is called later", async () => {
  let kept: TurnGateway | undefined;
  await using one = await connected({
    wait: (gateway) => gateway.call("agent.wait", { runId: "run-0" }),
    self: (gateway, { sessionKey }) => gateway.call("chat.send", { sessionKey, message: "x", idempotencyKey: "s" }),
    keep: async (gateway) => void (kept = gateway),
  });
  expect(await one.run("wait")).toBe("FORBIDDEN: only runs of this turn's own messages can be waited for");
  expect(await one.run("self")).toBe("INVALID_REQUEST: a turn cannot send a message to its own session");
  await one.run("keep");
  await expect(kept?.call("sessions.list", {})).rejects.toThrow("the turn is over");
});

test("an agent gives work to others only where its configuration lists them; a person to any", async () => {
  await using one = await connected({
    spawn: (gateway) => gateway.call("sessions.spawn", { task: "t", agentId: "helper" }),
  });
  const agents = async (name: string) => one.client.request("agents.create", { name });
  expect(await agents("helper")).toMatchObject({ ok: true });
  expect(await one.run("spawn")).toContain('FORBIDDEN: agent "main" may not give work to "helper"');
  expect(await one.client.request("sessions.spawn", { task: "t", agentId: "helper" })).toMatchObject({
    payload: { childSessionKey: expect.stringMatching(/^agent:helper:subagent:/) },
  });
});
