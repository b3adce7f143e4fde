import { describe, expect } from "vitest";
import { formOf, isEvent, runOf } from "../forms.ts";
import { at, type JsonObject, textAt } from "../json.ts";
import type { RawClient } from "../raw-client.ts";
import { answer, call } from "../requests.ts";
import { onOneGateway, verifies } from "../verifies.ts";

onOneGateway();

const isOf =
  (runId: string, form: string) =>
  (frame: JsonObject): boolean =>
    isEvent(frame) && runOf(frame) === runId && formOf(frame) === form;
const eventsOf = (client: RawClient, runId: string, form: string): JsonObject[] =>
  client.received.filter(isOf(runId, form));
const textOf = (frame: JsonObject | undefined): string =>
  textAt(frame, "payload", "message", "content", 0, "text") ?? "";
const finalOf = (client: RawClient, runId: string): Promise<JsonObject> =>
  client.find(isOf(runId, "chat/final"), 10_000);
const send = (client: RawClient, sessionKey: string, message: string, idempotencyKey: string): Promise<JsonObject> =>
  call(client, "chat.send", { sessionKey, message, idempotencyKey });

const plain = "The stub model answers in twelve small pieces so streaming is visible.";

describe("chat", () => {
  verifies("R-CHAT-1", async ({ join, fresh }) => {
    const [client, runId] = [await join(), fresh("run")];
    expect(await send(client, fresh("s"), "[[plain]]", runId)).toMatchObject({
      ok: true,
      payload: { runId, status: "started" },
    });
    const final = await finalOf(client, runId);
    expect(textOf(final)).toBe(plain);
    const deltas = eventsOf(client, runId, "chat/delta");
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map((delta) => textAt(delta, "payload", "deltaText") ?? "").join("")).toBe(plain);
    expect(textOf(deltas.at(-1))).toBe(plain);
    expect(client.received.indexOf(deltas[0]!)).toBeLessThan(client.received.indexOf(final));
  });

  verifies("R-CHAT-2", async ({ join, gateway, fresh }) => {
    const [one, two, runId, session] = [await join(), await join(), fresh("run"), fresh("s")];
    await send(one, session, `[[plain]] ${runId}`, runId);
    expect(await send(one, session, `[[plain]] ${runId}`, runId)).toMatchObject({
      payload: { runId, status: "in_flight" },
    });
    expect(await send(two, "elsewhere", "different", runId)).toMatchObject({ payload: { runId, status: "in_flight" } });
    await finalOf(one, runId);
    expect(await send(two, session, `[[plain]] ${runId}`, runId)).toMatchObject({ payload: { runId, status: "ok" } });
    expect(gateway.provider.requests.filter((request) => JSON.stringify(request).includes(runId))).toHaveLength(1);
  });

  verifies("R-CHAT-3", async ({ join, fresh }) => {
    const [client, session] = [await join(), fresh("s")];
    const runs = [fresh("run"), fresh("run"), fresh("run")];
    const messages = ["[[plain]]", "second [[reply:SECOND]]", "third [[reply:THIRD]]"];
    for (const [index, runId] of runs.entries()) {
      expect(await send(client, session, messages[index]!, runId)).toMatchObject({
        payload: { runId, status: "started" },
      });
    }
    const finals = await Promise.all(runs.map((runId) => finalOf(client, runId)));
    expect(finals.map(textOf)).toEqual([plain, "SECOND", "THIRD"]);
    const places = finals.map((final) => client.received.indexOf(final));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const { payload } = await call(client, "chat.history", { sessionKey: session });
    const roles = (at(payload, "messages") as JsonObject[]).map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "user", "assistant", "user", "assistant"]);
  });

  verifies("R-CHAT-4", async ({ join, fresh }) => {
    const [client, runId, session] = [await join(), fresh("run"), fresh("s")];
    await send(client, session, "[[slow]]", runId);
    const delta = await client.find(isOf(runId, "chat/delta"));
    const aborted = await call(client, "chat.abort", { sessionKey: session, runId });
    expect(aborted).toMatchObject({ ok: true, payload: { ok: true, aborted: true, runIds: [runId] } });
    const told = await client.find(isOf(runId, "chat/aborted"));
    expect(client.received.indexOf(told)).toBeLessThan(client.received.indexOf(aborted));
    expect(told["payload"]).toMatchObject({ stopReason: "rpc" });
    await client.find(isOf(runId, "agent/lifecycle/end"));
    const { payload } = await call(client, "chat.history", { sessionKey: session });
    const messages = at(payload, "messages") as JsonObject[];
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(messages[1]).toMatchObject({ stopReason: "aborted" });
    expect(textAt(messages[1], "content", 0, "text")).toContain(textOf(delta).trim());
    expect(eventsOf(client, runId, "chat/final")).toEqual([]);
  });

  verifies("R-CHAT-5", async ({ join, fresh }) => {
    const [client, runId, session] = [await join(), fresh("run"), fresh("s")];
    await send(client, session, "[[401]]", runId);
    const error = await client.find(isOf(runId, "chat/error"), 10_000);
    expect(textAt(error, "payload", "errorMessage")).toMatch(/./);
    expect(await send(client, session, "[[401]]", runId)).toMatchObject({ payload: { runId, status: "error" } });
    await send(client, session, "[[fast]]", fresh("run"));
    await client.find((frame) => formOf(frame) === "chat/final", 10_000);
    const endings = client.received.filter(
      (frame) => runOf(frame) === runId && /^chat\/(final|aborted|error)$/.test(formOf(frame)),
    );
    expect(endings).toHaveLength(1);
  });

  verifies("R-CHAT-6", async ({ join, fresh }) => {
    const client = await join();
    const [first, second] = [fresh("run"), fresh("run")];
    await send(client, fresh("s"), "[[slow]]", first);
    await client.find(isOf(first, "chat/delta"));
    await send(client, fresh("s"), "[[fast]]", second);
    await finalOf(client, second);
    expect(eventsOf(client, first, "chat/final")).toEqual([]);
    await call(client, "chat.abort", { sessionKey: "elsewhere", runId: second });
  });

  verifies("R-CHAT-7", async ({ join, fresh }) => {
    const [client, sessionKey] = [await join(), fresh("nobody")];
    const { payload } = await call(client, "chat.history", { sessionKey });
    expect(payload).toMatchObject({ sessionKey, messages: [] });
    expect(payload).not.toHaveProperty("sessionId");
  });

  verifies("R-CHAT-8", async ({ join, fresh }) => {
    const [client, runId, session] = [await join(), fresh("run"), fresh("s")];
    expect(await call(client, "chat.abort", { sessionKey: session, runId: "nobody" })).toMatchObject({
      payload: { ok: true, aborted: false, runIds: [] },
    });
    await send(client, session, "[[slow]]", runId);
    expect(await call(client, "chat.abort", { sessionKey: "other", runId })).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message: "runId does not match sessionKey" },
    });
    expect(await call(client, "chat.abort", { sessionKey: session })).toMatchObject({
      payload: { aborted: true, runIds: [runId] },
    });
  });

  verifies("R-CHAT-9", async ({ join, gateway, fresh }) => {
    const [client, runId, session] = [await join(), fresh("run"), fresh("S")];
    const asked = gateway.provider.requests.length;
    expect(await send(client, session, "/status", runId)).toMatchObject({ payload: { runId, status: "started" } });
    const final = await finalOf(client, runId);
    expect(final).toMatchObject({ payload: { sessionKey: session, seq: 1, message: { model: "gateway-injected" } } });
    const { payload } = await call(client, "chat.history", { sessionKey: session });
    expect(at(payload, "messages")).toMatchObject([{ role: "assistant", content: [{ text: textOf(final) }] }]);
    expect(client.received.filter((frame) => isEvent(frame) && runOf(frame) === runId)).toHaveLength(1);
    expect(gateway.provider.requests).toHaveLength(asked);
  });

  verifies("R-CHAT-10", async ({ join, fresh }) => {
    const [client, session] = [await join({ scopes: ["operator.write"] }), fresh("s")];
    for (const message of ["/think high", "/queue steer", "/new", "/compact"]) {
      const refused = await send(client, session, message, fresh("run"));
      expect(refused).toMatchObject({ ok: false, error: { message: "missing scope: operator.admin" } });
    }
    expect(await send(client, session, "/think", fresh("run"))).toMatchObject({ ok: true });
  });

  verifies("R-CHAT-11", async ({ join, fresh }) => {
    const [client, session, slow, next] = [await join(), fresh("s"), fresh("run"), fresh("run")];
    await send(client, session, "[[slow]]", slow);
    await client.find(isOf(slow, "chat/delta"));
    const params = { sessionKey: session, message: "[[reply:NOW]]", idempotencyKey: next, queueMode: "interrupt" };
    expect(await call(client, "chat.send", params)).toMatchObject({ payload: { runId: next, status: "started" } });
    expect(await client.find(isOf(slow, "chat/aborted"))).toMatchObject({ payload: { stopReason: "interrupted" } });
    expect(textOf(await finalOf(client, next))).toBe("NOW");
  });

  verifies("R-CHAT-12", async ({ join, fresh }) => {
    const [client, session, first] = [await join(), fresh("s"), fresh("run")];
    const [one, two] = [fresh("run"), fresh("run")];
    await send(client, session, "[[plain]]", first);
    for (const idempotencyKey of [one, two]) {
      const params = { sessionKey: session, message: `${idempotencyKey} [[reply:BOTH]]`, idempotencyKey };
      await call(client, "chat.send", { ...params, queueMode: "collect" });
    }
    expect(textOf(await finalOf(client, one))).toBe("BOTH");
    await finalOf(client, two);
    const { payload } = await call(client, "chat.history", { sessionKey: session });
    const roles = (at(payload, "messages") as JsonObject[]).map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "user", "user", "assistant"]);
  });
});

describe("agent", () => {
  verifies("R-AGENT-1", async ({ join, fresh }) => {
    const [client, runId] = [await join(), fresh("run")];
    client.send({
      type: "req",
      id: runId,
      method: "agent",
      params: { message: "[[fast]]", sessionKey: fresh("s"), idempotencyKey: runId },
    });
    expect(await answer(client, runId)).toMatchObject({
      ok: true,
      payload: { runId, status: "accepted", acceptedAt: expect.any(Number) },
    });
    expect(await answer(client, runId, 1)).toMatchObject({
      ok: true,
      payload: {
        runId,
        status: "ok",
        summary: "completed",
        result: { payloads: [{ text: "Quick answer.", mediaUrl: null }], meta: { aborted: false } },
      },
    });
  });

  verifies("R-AGENT-2", async ({ join, fresh }) => {
    const [client, runId] = [await join(), fresh("run")];
    expect(await call(client, "agent.wait", { runId: "nobody", timeoutMs: 0 })).toMatchObject({
      payload: { runId: "nobody", status: "timeout" },
    });
    await send(client, fresh("s"), "[[plain]]", runId);
    expect(await call(client, "agent.wait", { runId, timeoutMs: 1 })).toMatchObject({
      payload: { runId, status: "timeout" },
    });
    const ended = await call(client, "agent.wait", { runId, timeoutMs: 10_000 });
    expect(ended).toMatchObject({
      payload: { runId, status: "ok", startedAt: expect.any(Number), endedAt: expect.any(Number) },
    });
  });

  verifies("R-AGENT-3", async ({ join, fresh }) => {
    const [client, runId, sessionKey] = [await join(), fresh("run"), fresh("s")];
    client.send({
      type: "req",
      id: runId,
      method: "agent",
      params: { message: "[[slow]]", sessionKey, idempotencyKey: runId },
    });
    await client.find(isOf(runId, "agent/assistant"));
    expect(await call(client, "chat.abort", { sessionKey })).toMatchObject({
      payload: { aborted: true, runIds: [runId] },
    });
    expect(await answer(client, runId, 1)).toMatchObject({ payload: { runId, result: { meta: { aborted: true } } } });
  });
});

describe("sessions", () => {
  verifies("R-SESS-1", async ({ join, fresh }) => {
    const [client, name] = [await join(), fresh("Key")];
    for (const sessionKey of [name, `agent:main:${name}`, ` AGENT:MAIN:${name.toUpperCase()} `]) {
      const runId = fresh("run");
      await send(client, sessionKey, "[[fast]]", runId);
      expect(await finalOf(client, runId)).toMatchObject({
        payload: { sessionKey: `agent:main:${name.toLowerCase()}` },
      });
    }
    const { payload } = await call(client, "chat.history", { sessionKey: name });
    expect(at(payload, "messages")).toHaveLength(6);
  });

  verifies("R-SESS-2", async ({ join }) => {
    const client = await join();
    expect(await call(client, "sessions.delete", { key: "main" })).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message: "Cannot delete the main session (agent:main:main)." },
    });
  });

  verifies("R-SESS-3", async ({ join, fresh }) => {
    const [client, runId, key] = [await join(), fresh("run"), fresh("s")];
    await send(client, key, "[[slow]]", runId);
    await client.find(isOf(runId, "chat/delta"));
    expect(await call(client, "sessions.delete", { key })).toMatchObject({
      ok: true,
      payload: { deleted: true, key: `agent:main:${key}` },
    });
    expect(await call(client, "agent.wait", { runId, timeoutMs: 5_000 })).not.toMatchObject({
      payload: { status: "timeout" },
    });
    const { payload } = await call(client, "chat.history", { sessionKey: key });
    expect(at(payload, "messages")).toEqual([]);
  });
});
