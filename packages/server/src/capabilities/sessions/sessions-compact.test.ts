import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

test("compaction keeps the last messages, tells it, and the next turn sees only those", async () => {
  const runtime = createScriptedRuntime(() => answer("Hello"));
  await using started = await startTestGateway(runtime);
  const client = createMemoryClient(started.gateway);
  await client.connect();
  await client.request("sessions.subscribe");
  for (const id of ["r1", "r2"]) {
    await client.request("chat.send", { sessionKey: "s", message: id, idempotencyKey: id });
    await client.event("chat", ({ state, runId }) => state === "final" && runId === id);
  }
  expect(await client.request("sessions.compact", { key: "ghost" })).toMatchObject({
    payload: { ok: true, key: "agent:main:ghost", compacted: false, reason: "no sessionId" },
  });
  await client.request("sessions.patch", { key: "empty" });
  expect(await client.request("sessions.compact", { key: "empty" })).toMatchObject({
    payload: { compacted: false, reason: "no transcript" },
  });
  expect(await client.request("sessions.compact", { key: "s" })).toMatchObject({
    payload: { compacted: false, kept: 4 },
  });
  expect(await client.request("sessions.compact", { key: "s", maxLines: 2 })).toMatchObject({
    payload: { ok: true, key: "agent:main:s", compacted: true, kept: 2, archived: expect.any(String) },
  });
  await client.event("sessions.changed", ({ reason }) => reason === "compact");
  const { payload } = await client.request("chat.history", { sessionKey: "s" });
  expect(payload).toMatchObject({
    totalMessages: 2,
    messages: [{ content: [{ text: "r2" }], __openclaw: { seq: 1 } }, { role: "assistant" }],
  });
  await client.request("chat.send", { sessionKey: "s", message: "r3", idempotencyKey: "r3" });
  await client.event("chat", ({ state, runId }) => state === "final" && runId === "r3");
  expect(runtime.turns.at(-1)?.history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
});
