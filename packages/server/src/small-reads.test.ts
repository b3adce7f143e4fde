import { expect, test } from "vitest";
import { createMemoryClient } from "./testing/memory-client.ts";
import { answer, createScriptedRuntime } from "./testing/scripted-runtime.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

async function openClient(over: Record<string, unknown> = {}) {
  const started = await startTestGateway(createScriptedRuntime(() => answer("Hello", " there")));
  const client = createMemoryClient(started.gateway);
  const hello = await client.connect(over);
  return { client, hello, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

const empty: readonly [string, object, unknown][] = [
  ["exec.approval.list", {}, []],
  ["plugin.approval.list", {}, []],
  ["openclaw.approval.list", {}, []],
  ["question.list", {}, { questions: [] }],
  [
    "tasks.list",
    { sessionKey: "main", agentId: "main", status: ["queued"], limit: 200, sortBy: "endedAt" },
    { tasks: [] },
  ],
  ["taskSuggestions.list", { agentId: "main" }, { suggestions: [] }],
  ["progressCard.get", { sessionKey: "main" }, { card: null }],
  ["sessions.groups.list", {}, { groups: [], sectionOrder: [] }],
  ["sessions.groups.defaults", {}, { defaults: [] }],
  ["sessions.companion.state", { sessionKey: "main", agentId: "main" }, { exchanges: [] }],
  ["sessions.observer.visibility", { visible: true }, { ok: true }],
  ["sessions.branches.list", { sessionKey: "main" }, { branches: [] }],
];

test("what there is none of is answered empty, in the recorded shapes", async () => {
  await using opened = await openClient();
  const { client } = opened;
  for (const [method, params, payload] of empty) {
    expect(await client.request(method, params), method).toMatchObject({ ok: true, payload });
  }
  expect((await client.request("update.status", {})).payload).toMatchObject({
    sentinel: null,
    updateAvailable: null,
    schedule: { autoEnabled: false },
  });
  expect((await client.request("diagnostics.stability", { limit: 25 })).payload).toMatchObject({
    count: 0,
    events: [],
    summary: { byType: {} },
  });
  expect((await client.request("talk.catalog", {})).payload).toMatchObject({
    speech: { providers: [] },
    realtime: { ready: false },
  });
});

test("clients of protocol 3 have none of them; approvals and questions need their scopes", async () => {
  await using opened = await openClient({ maxProtocol: 3 });
  expect((await opened.client.request("question.list", {})).error).toMatchObject({
    message: "unknown method: question.list",
  });
  await using reader = await openClient({ scopes: ["operator.read"] });
  expect((await reader.client.request("exec.approval.list", {})).error).toMatchObject({
    message: "missing scope: operator.approvals",
  });
  expect((await reader.client.request("question.list", {})).error).toMatchObject({
    message: "missing scope: operator.questions",
  });
});

test("names that official pages only call when advertised, and that this gateway lacks, stay absent", async () => {
  await using opened = await openClient();
  const features = opened.hello.payload?.["features"];
  expect(features).toMatchObject({ methods: expect.arrayContaining(["system.info", "usage.cost"]) });
  const { methods } = features as { methods: string[] };
  for (const name of [
    "board.get",
    "projects.list",
    "mentions.list",
    "sessions.viewers.set",
    "environments.list",
    "sessions.catalog.list",
    "plugins.controlUi.list",
  ]) {
    expect(methods).not.toContain(name);
  }
});

test("a transcript is one branch that ends in its last message", async () => {
  await using opened = await openClient();
  const { client } = opened;
  await client.request("chat.send", { sessionKey: "s", message: "hi", idempotencyKey: "r1" });
  await client.event("chat", ({ state }) => state === "final");
  const { payload } = await client.request("sessions.branches.list", { sessionKey: "agent:main:s" });
  expect(payload).toEqual({
    branches: [
      {
        leafEntryId: expect.any(String),
        headline: "Hello there",
        messageCount: 2,
        updatedAt: expect.stringMatching(/Z$/),
        active: true,
      },
    ],
  });
});

test("every provider that can be asked is told once", async () => {
  await using opened = await openClient();
  expect((await opened.client.request("models.authStatus", { agentId: "main" })).payload).toEqual({
    ts: expect.any(Number),
    providers: [{ provider: "test", authProvider: "test", displayName: "test", status: "static", profiles: [] }],
    providerCapabilities: [],
  });
});

test("system.info tells this process", async () => {
  await using opened = await openClient();
  expect((await opened.client.request("system.info", {})).payload).toMatchObject({
    pid: process.pid,
    nodeVersion: process.version,
    diskTotalBytes: expect.any(Number),
  });
});
