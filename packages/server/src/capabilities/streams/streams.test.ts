import { expect, test } from "vitest";
import type { TurnEvent } from "../../runtime/agent-runtime.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime, scriptedModel } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

const caps = ["stream-positions"];
const send = (message: string, idempotencyKey: string) => ({ sessionKey: "s", message, idempotencyKey });

test("whoever joins in the middle is told how the run stands, and then what follows", async () => {
  const gate = Promise.withResolvers<void>();
  const runtime = createScriptedRuntime(async function* (): AsyncIterable<TurnEvent> {
    yield { type: "model", model: scriptedModel };
    yield { type: "text", delta: "Let me look." };
    yield { type: "tool-start", toolCallId: "t1", name: "read", args: { path: "a" } };
    await gate.promise;
    yield { type: "tool-end", toolCallId: "t1", name: "read", isError: false, result: { content: [] } };
    yield* answer(" Done.");
  });
  await using running = await startTestGateway(runtime);
  const sender = createMemoryClient(running.gateway);
  await sender.connect({ caps });
  await sender.request("sessions.messages.subscribe", { key: "s" });
  await sender.request("streams.subscribe", { sessionKey: "s" });
  await sender.request("chat.send", send("hi", "r1"));
  await sender.event("agent", ({ stream }) => stream === "tool");

  const late = createMemoryClient(running.gateway);
  await late.connect({ caps });
  const joined = await late.request("streams.subscribe", { sessionKey: "s" });
  expect(joined.payload).toMatchObject({
    subscribed: true,
    sessionKey: "agent:main:s",
    events: [],
    snapshot: {
      reason: "new",
      runs: [
        {
          runId: "r1",
          state: "running",
          text: "Let me look.",
          tools: [{ toolCallId: "t1", name: "read", args: { path: "a" }, status: "running" }],
        },
      ],
    },
  });
  const ofRun = await late.request("streams.subscribe", { runId: "r1" });
  expect(ofRun.payload).toMatchObject({
    sessionKey: "agent:main:s",
    runId: "r1",
    snapshot: { runs: [{ runId: "r1" }] },
  });
  gate.resolve();
  await late.event("chat", ({ state }) => state === "final");
  const { epoch, offset } = joined.payload!["position"] as { epoch: string; offset: number };
  const places = late.received.flatMap((frame) => ("position" in frame ? [frame.position as { offset: number }] : []));
  expect(places.map((place) => place.offset)).toEqual(places.map((_, index) => offset + 1 + index));

  const again = await late.request("streams.subscribe", { sessionKey: "s", from: { epoch, offset } });
  const missed = again.payload!["events"] as { event: string; position: unknown }[];
  expect(missed.at(-1)?.position).toMatchObject({
    epoch,
    offset: (again.payload!["position"] as (typeof places)[0])?.offset,
  });
  expect(missed.map(({ event }) => event)).toEqual(
    late.received.flatMap((frame) => ("position" in frame ? [frame.event] : [])).slice(0, missed.length),
  );
  const gone = await late.request("streams.subscribe", { sessionKey: "s", from: { epoch: "other", offset } });
  expect(gone.payload).toMatchObject({ events: [], snapshot: { reason: "gone", runs: [] } });
});

test("what can go wrong is said", async () => {
  await using running = await startTestGateway(createScriptedRuntime(() => answer("ok")));
  const plain = createMemoryClient(running.gateway);
  await plain.connect();
  const client = createMemoryClient(running.gateway);
  await client.connect({ caps });
  const messageOf = async (from: typeof client, params: object) =>
    (await from.request("streams.subscribe", params)).error?.message;
  expect(await messageOf(plain, { sessionKey: "s" })).toContain('declare "stream-positions" in connect.caps');
  expect(await messageOf(client, {})).toBe("streams.subscribe: give sessionKey or runId, one of both");
  expect(await messageOf(client, { sessionKey: "s", runId: "r" })).toContain("one of both");
  expect(await messageOf(client, { runId: "nobody" })).toBe("unknown run: nobody");
  for (let n = 0; n < 64; n++) expect(await messageOf(client, { sessionKey: `s${n}` })).toBeUndefined();
  expect(await messageOf(client, { sessionKey: "one-more" })).toContain("follows 64 streams already");
  await client.request("streams.unsubscribe", { sessionKey: "s0" });
  expect(await messageOf(client, { sessionKey: "one-more" })).toBeUndefined();
  await plain.request("chat.send", send("hi", "r"));
  await plain.event("chat", ({ state }) => state === "final");
  expect(plain.received.some((frame) => "position" in frame)).toBe(false);
});

test("a connection that comes back gets every numbered event that the lost one was not sent", async () => {
  await using running = await startTestGateway(createScriptedRuntime(() => answer("Hel", "lo")));
  const other = createMemoryClient(running.gateway);
  await other.connect();
  const reference = createMemoryClient(running.gateway);
  await reference.connect({ caps });
  const lost = createMemoryClient(running.gateway);
  const hello = await lost.connect({ caps });
  for (const client of [reference, lost]) await client.request("sessions.subscribe", {});
  await other.request("chat.send", send("one", "r1"));
  await lost.event("sessions.changed", ({ reason }) => reason === "agent.input.settled");
  const numbersOf = (client: typeof lost) => client.received.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  const heard = 5;
  lost.link.close(1006, "");
  await other.request("chat.send", send("two", "r2"));
  await reference.event("chat", ({ state, runId }) => state === "final" && runId === "r2");
  await reference.event(
    "sessions.changed",
    ({ reason, session }) =>
      reason === "agent.input.settled" && (session as { lastMessagePreview?: string }).lastMessagePreview === "Hello",
  );

  const connId = (hello.payload!["server"] as { connId: string }).connId;
  const back = createMemoryClient(running.gateway);
  await back.connect({ caps });
  const resumed = await back.request("events.resume", { connId, seq: heard });
  const missed = (resumed.payload!["events"] as { event: string; payload: unknown }[]).filter(
    ({ event }) => event === "chat",
  );
  // Both saw the same events; the lost one says it stopped after its fifth.
  const known = lost.received.filter(({ seq, event }) => seq !== undefined && seq <= heard && event === "chat");
  const rest = reference.events("chat").slice(known.length);
  expect(missed.map(({ payload }) => payload)).toEqual(rest.map(({ payload }) => payload));
  expect(numbersOf(lost).length).toBeGreaterThan(heard);

  // Asked again, because the answer may have been lost as well.
  expect((await back.request("events.resume", { connId, seq: heard })).payload).toEqual(resumed.payload);
  expect((await back.request("events.resume", { connId, seq: 9_999 })).payload).toEqual({
    ok: false,
    reason: "reload",
  });
  expect((await back.request("events.resume", { connId: "unknown", seq: 0 })).payload).toMatchObject({ ok: false });
  const stranger = createMemoryClient(running.gateway);
  await stranger.connect({ caps, client: { id: "cli", version: "1", platform: "test", mode: "cli" } });
  expect((await stranger.request("events.resume", { connId, seq: heard })).payload).toMatchObject({ ok: false });
});
