import { expect, test } from "vitest";
import { createManualClock } from "../../testing/manual-clock.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

const keysIn = (payload: unknown): string[] =>
  (payload as { sessions: { key: string }[] }).sessions.map(({ key }) => key);

async function connected() {
  const clock = createManualClock();
  const started = await startTestGateway(
    createScriptedRuntime(() => answer("Hello")),
    { clock },
  );
  const client = createMemoryClient(started.gateway);
  await client.connect();
  const keys = async (params: Record<string, unknown>) =>
    keysIn((await client.request("sessions.list", params)).payload);
  return { client, clock, keys, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test("a list is paged by offset and tells how many there are", async () => {
  await using test = await connected();
  const { client } = test;
  for (const key of ["a", "b", "c", "d", "e"]) await client.request("sessions.patch", { key });
  const all = await test.keys({});
  const paged: string[] = [];
  for (let offset: unknown = 0; typeof offset === "number";) {
    const { payload } = await client.request("sessions.list", { limit: 2, offset });
    expect(payload).toMatchObject({ totalCount: 5, limitApplied: 2 });
    paged.push(...keysIn(payload));
    offset = payload?.["nextOffset"];
  }
  expect(paged).toEqual(all);
  expect(await client.request("sessions.list", { offset: 9 })).toMatchObject({
    payload: { count: 0, totalCount: 5, nextOffset: null, hasMore: false },
  });
});

test("a mark leaves a session at its place in the list; a setting does not", async () => {
  await using test = await connected();
  const newestFirst = ["agent:main:new", "agent:main:old"];
  for (const key of ["old", "new"]) {
    await test.client.request("sessions.patch", { key, thinkingLevel: "low" });
    test.clock.advance(1_000);
  }
  await test.client.request("sessions.patch", { key: "old", pinned: true, unread: true, icon: "star" });
  expect(await test.keys({})).toEqual(newestFirst);
  await test.client.request("sessions.patch", { key: "old", thinkingLevel: "high" });
  expect(await test.keys({})).toEqual(newestFirst.toReversed());
});

test("what was decided about an earlier state of a session is not done", async () => {
  await using test = await connected();
  const request = async (method: string, params: object) => (await test.client.request(method, params)) as object;
  const { payload = {} } = await test.client.request("sessions.patch", { key: "work", icon: "star" });
  const { sessionId, updatedAt } = payload["entry"] as { sessionId: string; updatedAt: number };
  const stale = { ok: false, error: { code: "INVALID_REQUEST", details: { reason: "session-changed" } } };
  for (const method of ["sessions.patch", "sessions.delete"]) {
    expect(await request(method, { key: "work", expectedSessionId: "another" })).toMatchObject(stale);
    expect(await request(method, { key: "work", expectedSessionUpdatedAt: updatedAt - 1 })).toMatchObject(stale);
    expect(await request(method, { key: "nobody", expectedSessionId: sessionId })).toMatchObject(stale);
  }
  expect(await request("sessions.delete", { key: "work", archivedOnly: true })).toMatchObject({
    error: { message: "archivedOnly: session agent:main:work is not archived" },
  });
  const known = { key: "work", expectedSessionId: sessionId, expectedSessionUpdatedAt: updatedAt };
  expect(await request("sessions.patch", { ...known, archived: true })).toMatchObject({ ok: true });
  expect(await request("sessions.delete", { ...known, archivedOnly: true })).toMatchObject({
    payload: { deleted: true },
  });
});

test("marks of a session are kept, shown in its row, filtered by and taken away again", async () => {
  await using test = await connected();
  const { client } = test;
  await client.request("sessions.patch", { key: "old", archived: true });
  const marks = { pinned: true, unread: true, icon: "star", color: "red", category: "Work" };
  expect(await client.request("sessions.patch", { key: "new", ...marks })).toMatchObject({
    ok: true,
    payload: { entry: marks },
  });
  expect(await client.request("sessions.list", {})).toMatchObject({
    payload: { count: 1, totalCount: 1, sessions: [{ key: "agent:main:new", ...marks }] },
  });
  expect(await test.keys({ archived: true })).toEqual(["agent:main:old"]);
  expect(await test.keys({ archived: "all" })).toHaveLength(2);
  expect(await test.keys({ archived: "all", pinned: true })).toEqual(["agent:main:new"]);
  expect(await test.keys({ archived: "all", pinned: false })).toEqual(["agent:main:old"]);
  const { payload } = await client.request("sessions.patch", { key: "new", pinned: false, unread: null, icon: null });
  expect(Object.keys(payload?.["entry"] as object)).not.toEqual(expect.arrayContaining(["pinned"]));
  expect(payload).toMatchObject({ entry: { color: "red", category: "Work" } });
  await client.request("sessions.patch", { key: "old", archived: false });
  expect(await test.keys({})).toHaveLength(2);
});
