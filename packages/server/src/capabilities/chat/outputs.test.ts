import { createHash } from "node:crypto";
import type { ToolResultMessage } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import type { TurnEvent } from "../../runtime/agent-runtime.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, assistantMessage, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

/** Characters of one to four bytes, so that ranges and pieces end in the middle of some. */
const large = "aé€😀 line\n".repeat(120_000);
const bytes = Buffer.byteLength(large);
const id = createHash("sha256").update(large).digest("hex");
const toolCallId = "t1";
const toolName = "exec";

const resultOf = (text: string): ToolResultMessage => ({
  role: "toolResult",
  toolCallId,
  toolName,
  content: [{ type: "text", text }],
  details: { exitCode: 0, output: text },
  isError: false,
  timestamp: 2,
});

async function* withTool(text: string): AsyncIterable<TurnEvent> {
  const call = { type: "toolCall" as const, id: toolCallId, name: toolName, arguments: {} };
  yield { type: "message", message: assistantMessage("", { content: [call], stopReason: "toolUse" }) };
  yield { type: "tool-start", toolCallId, name: toolName, args: {} };
  const content = [{ type: "text" as const, text }];
  yield { type: "tool-update", toolCallId, name: toolName, partialResult: { content } };
  yield { type: "tool-end", toolCallId, name: toolName, isError: false, result: { content } };
  yield { type: "message", message: resultOf(text) };
  yield* answer("done");
}

test("a large result is stored once, referred to everywhere, read in ranges and seen whole by the model", async () => {
  const runtime = createScriptedRuntime((turn) => (turn.history.length === 1 ? withTool(large) : answer("ok")));
  await using running = await startTestGateway(runtime);
  const client = createMemoryClient(running.gateway);
  await client.connect();
  await client.request("sessions.subscribe", {});
  const ask = async (method: string, params: object) =>
    (await client.request(method, { sessionKey: "s", ...params })) as {
      payload: Record<string, unknown>;
      error?: object;
    };
  const run = async (runId: string): Promise<void> => {
    await ask("chat.send", { message: "hi", idempotencyKey: runId });
    await client.event("chat", (event) => event["runId"] === runId && event["state"] === "final");
  };
  await run("r1");

  const reference = { id, kind: "text", bytes };
  const [, , tool] = (await ask("chat.history", {})).payload["messages"] as [unknown, unknown, ToolResultMessage];
  expect(tool.content).toEqual([{ type: "text", text: expect.stringMatching(/^aé€😀 line/), reference }]);
  expect(tool.details).toMatchObject({ reference: { kind: "json" } });
  expect(Buffer.byteLength(JSON.stringify(tool))).toBeLessThan(4_096);
  const told = client.received.filter(
    ({ event }) => event === "agent" || event === "session.tool" || event === "session.message",
  );
  for (const frame of told) expect(JSON.stringify(frame).length).toBeLessThan(4_096);
  const ended = told.filter(({ payload }) => (payload?.["data"] as { phase?: string } | undefined)?.phase === "result");
  expect(ended.length).toBeGreaterThan(0);
  for (const { payload } of ended) expect(payload).toMatchObject({ data: { result: { content: [{ reference }] } } });

  const pieces: string[] = [];
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const { payload } = await ask("chat.output.get", { id, offset, limit: 100_003 });
    expect(payload).toMatchObject({ id, kind: "text", bytes, offset });
    pieces.push(payload["text"] as string);
    offset = payload["nextOffset"] as number | undefined;
  }
  expect(pieces.join("")).toBe(large);
  expect((await ask("chat.output.get", { id, offset: 2, limit: 9 })).payload).toMatchObject({
    offset: 3,
    text: "€😀 ",
  });
  expect((await ask("chat.output.get", { id, offset: bytes })).payload).toMatchObject({ text: "", bytes });
  expect((await ask("chat.output.get", { id, offset: bytes + 1 })).error).toMatchObject({
    message: expect.stringContaining(`at most ${bytes}`),
  });
  expect((await ask("chat.output.get", { id: "nothing" })).error).toMatchObject({
    details: { reason: "unknown-output" },
  });

  const { id: messageId } = (tool as ToolResultMessage & { __openclaw: { id: string } }).__openclaw;
  expect((await ask("chat.message.get", { messageId })).payload).toEqual({ ok: false, unavailableReason: "oversized" });
  expect((await ask("chat.message.get", { messageId: "nobody" })).payload).toEqual({
    ok: false,
    unavailableReason: "not_found",
  });

  await run("r2");
  expect(runtime.turns[1]?.history[2]).toEqual(resultOf(large));

  await client.request("sessions.reset", { key: "s" });
  expect((await ask("chat.output.get", { id })).error).toMatchObject({ details: { reason: "unknown-output" } });
});

test("a middling result is whole in the transcript; one beyond it is given whole on request", async () => {
  const small = "x".repeat(8_000);
  const runtime = createScriptedRuntime((turn) =>
    withTool(turn.history.length === 1 ? small : `${small}${small}${small}`),
  );
  await using running = await startTestGateway(runtime);
  const client = createMemoryClient(running.gateway);
  await client.connect();
  for (const runId of ["r1", "r2"]) {
    await client.request("chat.send", { sessionKey: "s", message: "hi", idempotencyKey: runId });
    await client.event("chat", (event) => event["runId"] === runId && event["state"] === "final");
  }
  const { payload } = await client.request("chat.history", { sessionKey: "s" });
  const results = (payload!["messages"] as (ToolResultMessage & { __openclaw: { id: string } })[]).filter(
    ({ role }) => role === "toolResult",
  );
  expect(results[0]).toMatchObject(resultOf(small));
  expect(results[1]?.content[0]).toHaveProperty("reference.bytes", 24_000);
  const messageId = results[1]?.__openclaw.id;
  const whole = await client.request("chat.message.get", { sessionKey: "s", messageId });
  expect(whole.payload).toMatchObject({ ok: true, message: resultOf(`${small}${small}${small}`) });
});
