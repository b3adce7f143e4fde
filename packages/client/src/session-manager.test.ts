import { describe, expect, test } from "vitest";
import { GatewayClient, SessionManager } from "./index.ts";
import { createMockGateway, type MockGatewayOptions } from "./mock/index.ts";
import { createManualClock, createScriptedServer, rejectionOf } from "./testing/index.ts";
import { afterChat, type TrackedSession } from "./tracked-session.ts";
import type { ChatEvent } from "@openclaw-gateway/protocol";

const environment = {};

/** A manager over a mock that works as fast as it can. */
async function startManager(options: MockGatewayOptions = {}) {
  const mock = createMockGateway({ stepMs: 0, ...options });
  const client = new GatewayClient({ scopes: ["operator.admin"], environment }, { mode: "mock", mock });
  const manager = new SessionManager({}, client);
  await manager.connect();
  const told: string[] = [];
  manager.on("session.status", ({ sessionKey, status }) => told.push(`${sessionKey} ${status}`));
  return { manager, client, told, [Symbol.asyncDispose]: () => client.disconnect() };
}

describe("SessionManager", () => {
  test("begins, speaks to, reads and stops sessions, and knows where each stands", async () => {
    await using one = await startManager();
    const { manager, told } = one;
    const events: unknown[] = [];
    manager.on("session.spawned", ({ sessionKey }) => events.push(["spawned", sessionKey]));
    manager.on("session.sent", (sent) => events.push(["sent", sent]));
    manager.on("session.killed", (killed) => events.push(["killed", killed]));
    const { sessionKey } = await manager.sessionsSpawn({ task: "count to three" });
    expect(await manager.waitForStatus(sessionKey, "completed")).toMatchObject({ status: "completed" });
    expect(told).toEqual([`${sessionKey} spawning`, `${sessionKey} running`, `${sessionKey} completed`]);

    // By any of its names.
    const { runId } = await manager.sendMessage("main", "hello");
    expect(await manager.waitForStatus("main", "idle")).toMatchObject({ sessionKey: "agent:main:main", runId });
    const history = await manager.sessionsHistory("main");
    expect(history.at(-1)).toMatchObject({ role: "assistant" });
    await manager.sessionsKill("main");
    expect(events).toEqual([
      ["spawned", sessionKey],
      ["sent", { sessionKey: "agent:main:main", runId }],
      ["killed", { sessionKey: "agent:main:main", runIds: [] }],
    ]);
    expect(manager.getAllSessions().map((session) => session.sessionKey)).toEqual([sessionKey, "agent:main:main"]);
    expect(manager.getSessionsByStatus("completed")).toHaveLength(2);
    expect(await manager.sessionsList()).toHaveLength(2);
  });

  test("a turn that fails, and waiting in vain", async () => {
    const clock = createManualClock();
    const mock = createMockGateway({ stepMs: 0 });
    const client = new GatewayClient({ environment }, { mode: "mock", mock });
    const manager = new SessionManager({ clock }, client);
    await manager.sendMessage("a", "fail for want of tokens");
    expect(await rejectionOf(manager.waitForStatus("a", "idle"))).toMatchObject({
      message: "session agent:main:a failed: for want of tokens",
    });
    expect(await manager.waitForStatus("a", ["idle", "failed"])).toMatchObject({ error: "for want of tokens" });
    const { sessionKey } = await manager.sessionsSpawn();
    expect(manager.getSession(sessionKey)).toMatchObject({ status: "idle" });
    const waited = rejectionOf(manager.waitForStatus(sessionKey, "running", 500));
    clock.advance(500);
    expect(await waited).toMatchObject({ reason: "timeout", message: expect.stringContaining("within 500ms") });
    expect(await rejectionOf(manager.waitForStatus("nowhere", "idle"))).toMatchObject({
      message: expect.stringContaining("not tracked"),
    });
    clock.advance(3_600_001);
    expect([manager.cleanupSessions(), manager.getAllSessions().length]).toEqual([1, 1]);
    await client.disconnect();
  });

  test("a message that is refused changes nothing", async () => {
    await using one = await startManager();
    const { manager, told } = one;
    expect(await rejectionOf(manager.sendMessage("main", " "))).toMatchObject({
      message: "message or attachment required",
    });
    expect(manager.getSession("main")).toBeUndefined();
    expect(told).toEqual(["agent:main:main running"]);
  });

  test("the tree of sessions over all pages", async () => {
    await using one = await startManager();
    const { manager } = one;
    const { sessionKey: parent } = await manager.sessionsSpawn({ label: "parent" });
    const children = [];
    for (let index = 0; index < 3; index++) {
      children.push((await manager.sessionsSpawn({ parentSessionKey: parent })).sessionKey);
    }
    const [main, ...others] = await manager.sessionsTree({ limit: 2 });
    expect(others).toEqual([]);
    expect(main?.session.key).toBe("agent:main:main");
    expect(main?.children).toMatchObject([{ session: { key: parent, label: "parent" } }]);
    const found = main?.children[0]?.children.map(({ session }) => session.key) ?? [];
    expect(found.toSorted()).toEqual(children.toSorted());
  });

  test("leaves a client of the caller's connected, closes its own", async () => {
    await using one = await startManager();
    const { manager, client } = one;
    await manager.disconnect();
    expect(client.connected).toBe(true);
    const own = new SessionManager({ environment: { OPENCLAW_MODE: "mock" } });
    await own.connect();
    expect([own.connected, own.client.isMock]).toEqual([true, true]);
    const ended = new Promise<unknown>((resolve) => own.on("disconnected", resolve));
    await own.disconnect();
    expect([own.connected, await ended]).toEqual([false, { code: 1000, reason: "client closed" }]);
  });

  test("a run that ended while the connection was lost", async () => {
    await using server = await createScriptedServer();
    const client = new GatewayClient(
      { url: server.url, environment },
      { autoReconnect: { minDelayMs: 1, maxDelayMs: 1 } },
    );
    const manager = new SessionManager({}, client);
    const sending = [manager.sendMessage("a", "x"), manager.sendMessage("b", "x"), manager.sendMessage("c", "x")];
    const gateway = await server.accept();
    await gateway.welcome();
    const runIds: unknown[] = [];
    for (let index = 0; index < 3; index++) {
      const request = await gateway.receive("chat.send");
      const { idempotencyKey } = request.params as { idempotencyKey: string };
      runIds.push(idempotencyKey);
      gateway.respond(request, { runId: idempotencyKey, status: "started" });
    }
    await Promise.all(sending);
    gateway.terminate();
    const again = await server.accept();
    await again.welcome();
    for (const answer of [{ status: "ok" }, { status: "error", error: "gone" }, { status: "timeout" }]) {
      const request = await again.receive("agent.wait");
      expect(request.params).toEqual({ runId: runIds.shift(), timeoutMs: 1 });
      again.respond(request, answer);
    }
    await manager.waitForStatus("a", "idle");
    expect(await manager.waitForStatus("b", "failed")).toMatchObject({ error: "gone" });
    expect(manager.getSession("c")).toMatchObject({ status: "running" });
    await client.disconnect();
  });

  test("what is told before the answer to a spawn is not lost", async () => {
    await using server = await createScriptedServer();
    const client = new GatewayClient({ url: server.url, environment });
    const manager = new SessionManager({}, client);
    const connecting = manager.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    const spawning = manager.sessionsSpawn({ task: "quick" });
    const request = await gateway.receive("sessions.spawn");
    gateway.event("chat", { runId: "r", sessionKey: "agent:main:subagent:1", seq: 1, state: "final" });
    gateway.event("chat", { runId: "x", sessionKey: "agent:main:other", seq: 1, state: "final" });
    gateway.respond(request, { ok: true, sessionKey: "agent:main:subagent:1", runId: "r" });
    await spawning;
    expect(manager.getAllSessions()).toMatchObject([{ sessionKey: "agent:main:subagent:1", status: "completed" }]);
    await client.disconnect();
  });
});

const tracked: TrackedSession = {
  sessionKey: "k",
  sessionId: "s",
  status: "running",
  runId: "r",
  taskRunId: "task",
  spawnedAtMs: 0,
  lastActivityMs: 0,
  error: undefined,
};
const run = { sessionKey: "k", seq: 1 };
const message = { role: "assistant", content: [], timestamp: 0 };

test.each<[Partial<TrackedSession>, ChatEvent, Partial<TrackedSession>]>([
  [{ status: "idle" }, { ...run, runId: "n", state: "status", phase: "x" }, { status: "running", runId: "n" }],
  [{ status: "spawning" }, { ...run, runId: "r", state: "delta", deltaText: "", message }, { status: "running" }],
  [{}, { ...run, runId: "r", state: "final" }, { status: "idle" }],
  [{ runId: "task" }, { ...run, runId: "task", state: "final" }, { status: "completed" }],
  // A later message waits behind it.
  [{}, { ...run, runId: "earlier", state: "final" }, { status: "running", runId: "r" }],
  [{}, { ...run, runId: "r", state: "aborted" }, { status: "completed" }],
  [{}, { ...run, runId: "r", state: "error", errorMessage: "no" }, { status: "failed", error: "no" }],
])("%j after %j", (before, event, after) => {
  expect(afterChat({ ...tracked, ...before }, event, 5)).toMatchObject({ lastActivityMs: 5, ...after });
});
