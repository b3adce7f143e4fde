import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

type Page = {
  messages: { content: { text: string }[]; __openclaw: { id: string; seq: number } }[];
  hasMore: boolean;
  nextOffset?: number;
  olderCursor?: string;
  newerCursor?: string;
  pendingInputs: { items: { runId: string; message: unknown; state: string }[]; total: number };
};

async function open(script: Parameters<typeof createScriptedRuntime>[0] = () => answer("ok")) {
  const running = await startTestGateway(createScriptedRuntime(script));
  const client = createMemoryClient(running.gateway);
  await client.connect();
  const inject = async (count: number, sessionKey = "s"): Promise<void> => {
    for (let n = 1; n <= count; n++) await client.request("chat.inject", { sessionKey, message: `m${n}` });
  };
  await client.request("sessions.patch", { key: "s", label: "S" });
  const page = async (params: object): Promise<Page> =>
    (await client.request("chat.history", { sessionKey: "s", ...params })).payload as Page;
  const refusal = async (params: object) =>
    (await client.request("chat.history", { sessionKey: "s", ...params })).error;
  return { client, inject, page, refusal, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const textsOf = ({ messages }: Page): string[] => messages.map(({ content }) => content[0]!.text);
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`);

test("pages lead to the first message and back to the last, whatever is said meanwhile", async () => {
  await using opened = await open();
  const { inject, page, client } = opened;
  await inject(25);
  let at = await page({ limit: 10 });
  expect(textsOf(at)).toEqual(numbered(16, 25));
  expect(at).toMatchObject({ hasMore: true, nextOffset: 10, totalMessages: 25 });
  expect(at.newerCursor).toBeUndefined();
  await client.request("chat.inject", { sessionKey: "s", message: "m26" });
  const back: string[] = [];
  while (at.olderCursor !== undefined) {
    at = await page({ limit: 10, before: at.olderCursor });
    back.unshift(...textsOf(at));
  }
  expect(back).toEqual(numbered(1, 15));
  const forth = textsOf(at);
  while (at.newerCursor !== undefined) {
    at = await page({ limit: 7, after: at.newerCursor });
    forth.push(...textsOf(at));
  }
  expect(forth).toEqual(numbered(1, 26));
  expect(textsOf(await page({ limit: 10, offset: 20 }))).toEqual(numbered(1, 6));
  expect(textsOf(await page({ offset: 26 }))).toEqual([]);
});

test("a message is found with those around it, and the way leads on from there", async () => {
  await using opened = await open();
  const { inject, page } = opened;
  await inject(25);
  const all = await page({});
  const { id } = all.messages[9]!.__openclaw;
  const around = await page({ messageId: id, limit: 5 });
  expect(textsOf(around)).toEqual(numbered(8, 12));
  expect(textsOf(await page({ before: around.olderCursor, limit: 2 }))).toEqual(numbered(6, 7));
  expect(textsOf(await page({ after: around.newerCursor, limit: 2 }))).toEqual(numbered(13, 14));
  expect(textsOf(await page({ messageId: all.messages[24]!.__openclaw.id, limit: 5 }))).toEqual(numbered(21, 25));
  expect(textsOf(await page({ messageId: id, maxBytes: 1 }))).toEqual(["m10"]);
});

test("a page keeps to its bytes, has no holes and is never empty", async () => {
  await using opened = await open();
  const { inject, page } = opened;
  await inject(10);
  const bytes = JSON.stringify((await page({ limit: 1 })).messages[0]).length;
  const some = await page({ maxBytes: bytes * 3 });
  expect(textsOf(some)).toEqual(numbered(11 - some.messages.length, 10));
  expect(some.messages.length).toBeLessThan(10);
  expect(textsOf(await page({ before: some.olderCursor }))).toEqual(numbered(1, 10 - some.messages.length));
  expect(textsOf(await page({ maxBytes: 1 }))).toEqual(["m10"]);
});

test("cursors that fit nothing are refused with what to do", async () => {
  await using opened = await open();
  const { client, inject, page, refusal } = opened;
  await inject(5);
  const { olderCursor } = await page({ limit: 2 });
  expect(await refusal({ before: "nonsense" })).toMatchObject({
    code: "INVALID_REQUEST",
    message: "before: not a cursor of this method; use olderCursor of an earlier answer",
  });
  expect(await refusal({ before: olderCursor, offset: 1 })).toMatchObject({
    message: "chat.history: give offset or before, not both",
  });
  expect(await refusal({ messageId: "nobody" })).toMatchObject({ details: { reason: "unknown-message" } });
  // Compaction moves positions, not messages.
  await client.request("sessions.compact", { key: "s", maxLines: 3 });
  expect(textsOf(await page({ before: olderCursor }))).toEqual(["m3"]);
  await client.request("sessions.reset", { key: "s" });
  expect(await refusal({ before: olderCursor })).toMatchObject({ details: { reason: "transcript-changed" } });
});

test("a message that waits for its turn is told with the page", async () => {
  const gate = Promise.withResolvers<void>();
  await using opened = await open(async function* () {
    await gate.promise;
    yield* answer("ok");
  });
  const { client, page } = opened;
  for (const id of ["r1", "r2"])
    await client.request("chat.send", { sessionKey: "s", message: `say ${id}`, idempotencyKey: id });
  await client.event("agent", ({ runId }) => runId === "r1");
  expect((await page({})).pendingInputs).toMatchObject({
    total: 1,
    items: [{ runId: "r2", state: "queued", message: { role: "user", content: [{ type: "text", text: "say r2" }] } }],
  });
  gate.resolve();
  await client.event("chat", ({ runId, state }) => runId === "r2" && state === "final");
  expect((await page({})).pendingInputs).toEqual({ items: [], total: 0 });
});

test("the session list is read to its end by cursor, also while sessions move", async () => {
  await using opened = await open();
  const { client } = opened;
  for (let n = 0; n < 12; n++) {
    await client.request("sessions.patch", { key: `k${n}`, label: `L${n}` });
    if (n % 5 === 0) await pause(2);
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { payload } = await client.request("sessions.list", { limit: 4, ...(cursor !== undefined && { cursor }) });
    const page = payload as { sessions: { key: string }[]; nextCursor?: string };
    seen.push(...page.sessions.map(({ key }) => key));
    cursor = page.nextCursor;
    // What comes to the top meanwhile pushes nothing into the next page.
    await client.request("sessions.patch", { key: seen[0], label: `again ${seen.length}` });
  } while (cursor !== undefined);
  expect(seen).toHaveLength(13);
  expect(new Set(seen).size).toBe(13);
  expect((await client.request("sessions.list", { cursor: "x" })).error?.message).toContain("use nextCursor");
});
