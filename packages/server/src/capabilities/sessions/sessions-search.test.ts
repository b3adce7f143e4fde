import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

test("what was said is found as soon as it was told, with the place where it stands", async () => {
  await using started = await startTestGateway(
    createScriptedRuntime(() => answer(`${"before ".repeat(50)}the needle ${"after ".repeat(50)}`)),
  );
  const client = createMemoryClient(started.gateway);
  await client.connect();
  await client.request("chat.send", { sessionKey: "s", message: "find it", idempotencyKey: "r1" });
  await client.event("chat", ({ state }) => state === "final");
  const { payload } = await client.request("sessions.search", { query: " the needl " });
  expect(payload).toMatchObject({
    results: [
      {
        sessionKey: "agent:main:s",
        score: expect.any(Number),
        role: "assistant",
        messageId: expect.any(String),
        snippet: expect.stringMatching(/^….*the needle after.*…$/),
      },
    ],
  });
  expect(await client.request("sessions.search", { query: "find", sessionKeys: ["s"] })).toMatchObject({
    payload: { results: [{ role: "user", snippet: "find it" }] },
  });
  expect(await client.request("sessions.search", { query: "find", sessionKeys: ["other"] })).toMatchObject({
    payload: { results: [] },
  });
  expect(await client.request("sessions.search", { query: "   " })).toMatchObject({
    ok: true,
    payload: { results: [] },
  });
  expect(await client.request("sessions.search", {})).toMatchObject({ ok: false, error: { code: "INVALID_REQUEST" } });
});
