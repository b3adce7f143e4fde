import { expect, test } from "vitest";
import { systemClock } from "../platform/clock.ts";
import { createMemoryClient } from "../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const minutes = (count: number): number => count * 60_000;

async function startChat(session: Record<string, unknown>, script: Parameters<typeof createScriptedRuntime>[0]) {
  const runtime = createScriptedRuntime(script);
  // Timers go on as they do; only the hour is another.
  let aheadMs = new Date("2026-06-01T12:00").getTime() - Date.now();
  const clock = {
    now: () => Date.now() + aheadMs,
    at: (ms: number, fire: () => void) => systemClock.at(ms - aheadMs, fire),
    advance: (ms: number) => void (aheadMs += ms),
  };
  const started = await startTestGateway(runtime, { clock, config: { session } });
  const client = createMemoryClient(started.gateway);
  await client.connect();
  const send = (text: string) => client.request("chat.send", { sessionKey: "s", message: text, idempotencyKey: text });
  const final = (runId: string) => client.event("chat", ({ state, runId: of }) => state === "final" && of === runId);
  const say = async (text: string) => {
    await send(text);
    await final(text);
  };
  const seen = () => runtime.turns.at(-1)?.history.length;
  const history = async (more: object = {}) =>
    (await client.request("chat.history", { sessionKey: "s", ...more })).payload as {
      sessionId: string;
      messages: unknown[];
    };
  return {
    runtime,
    clock,
    client,
    send,
    final,
    say,
    seen,
    history,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

test("a session that was idle begins anew with the next message; the old transcript can be read and goes with the session", async () => {
  await using chat = await startChat({ reset: { mode: "idle", idleMinutes: 30 } }, () => answer("Hello"));
  await chat.say("one");
  chat.clock.advance(minutes(29));
  await chat.say("two");
  expect(chat.seen()).toBe(3);
  const before = (await chat.history()).sessionId;
  chat.clock.advance(minutes(31));
  // Looking does not begin anything.
  expect((await chat.history()).messages).toHaveLength(4);
  await chat.say("three");
  expect(chat.seen()).toBe(1);
  const after = await chat.history();
  expect(after.sessionId).not.toBe(before);
  expect(after.messages).toMatchObject([{ content: [{ text: "three" }] }, {}]);
  expect(await chat.history({ sessionId: before })).toMatchObject({
    sessionId: before,
    totalMessages: 4,
    hasMore: false,
  });
  await chat.client.request("sessions.delete", { key: "s" });
  expect((await chat.history({ sessionId: before })).messages).toEqual([]);
});

test("every day at four, unless the configuration says otherwise; never under a turn, and never for what came before", async () => {
  const slow = Promise.withResolvers<void>();
  await using chat = await startChat({}, async function* ({ runId }) {
    if (runId === "slow") await slow.promise;
    yield* answer("Hello");
  });
  await chat.say("one");
  chat.clock.advance(minutes(15 * 60));
  await chat.send("slow");
  await expect.poll(() => chat.runtime.turns.length).toBe(2);
  await chat.send("early");
  chat.clock.advance(minutes(2 * 60));
  await chat.send("late");
  slow.resolve();
  for (const run of ["slow", "early", "late"]) await chat.final(run);
  expect(chat.runtime.turns.map(({ runId, history }) => [runId, history.length])).toEqual([
    ["one", 1],
    ["slow", 3],
    ["early", 5],
    ["late", 1],
  ]);
});
