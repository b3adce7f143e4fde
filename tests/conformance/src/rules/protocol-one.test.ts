import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { deviceAuthPayload } from "@openclaw-gateway/protocol";
import { describe, expect } from "vitest";
import examples from "../../examples/protocol-1.json" with { type: "json" };
import { at, isObject, type JsonObject, textAt } from "../json.ts";
import type { RawClient } from "../raw-client.ts";
import { call, hello } from "../requests.ts";
import { onOneGateway, verifies } from "../verifies.ts";

onOneGateway();

const plain = "The stub model answers in twelve small pieces so streaming is visible.";

/** Members whose values the examples fix; of all others they show the kind. */
const fixed = new Set(["type", "id", "ok", "status", "code", "event", "protocolVersion"]);

/** Something of the same form as an example: its members, the fixed ones with their values. */
function like(example: unknown): unknown {
  if (Array.isArray(example)) return expect.any(Array) as unknown;
  if (!isObject(example)) return expect.any(Object(example).constructor as never) as unknown;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(example).map(([key, value]) => [key, fixed.has(key) ? value : like(value)])),
  ) as unknown;
}

const withToken = (params: JsonObject, token: string | undefined): JsonObject => ({ ...params, auth: { token } });
const answersTo = (client: RawClient, id: string): JsonObject[] =>
  client.received.filter((frame) => frame["id"] === id && String(frame["type"]).startsWith("res"));
async function nthAnswer(client: RawClient, id: string, index: number): Promise<JsonObject> {
  await client.find(() => answersTo(client, id).length > index, 10_000);
  return answersTo(client, id)[index]!;
}

let requests = 0;
async function callLong(client: RawClient, method: string, params?: unknown): Promise<JsonObject> {
  const id = `long-${++requests}`;
  client.send({ type: "request", id, method, ...(params !== undefined && { params }) });
  return nthAnswer(client, id, 0);
}

describe("the example frames", () => {
  verifies("R-ONE-1", async ({ open, gateway }) => {
    const client = await open();
    const params = withToken(examples.connect, gateway.token);
    client.send({ type: "req", id: "c", method: "connect", params });
    const answer = await nthAnswer(client, "c", 0);
    expect(answer).toEqual(
      like({ ...examples.hello, payload: { ...examples.hello.payload, serverVersion: "2026.2.9" } }),
    );
    expect(at(answer, "payload", "capabilities")).toContain("chat.send");
    expect(at(answer, "payload", "capabilities")).not.toContain("sessions.subscribe");
    expect(at(answer, "payload", "features", "events")).toContain("chat.delta");
    expect(textAt(answer, "payload", "serverVersion")).toMatch(/^\d{4}\.\d+\.\d+/);
  });

  verifies("R-ONE-2", async ({ open, gateway, fresh }) => {
    const [client, watcher] = [await open(), await open()];
    for (const each of [client, watcher]) await hello(each, withToken(examples.connect, gateway.token));
    const { request, accepted, delta, answer } = examples.chat;
    client.send({ ...request, params: { ...request.params, sessionId: fresh("s"), message: "[[plain]]" } });
    const first = await nthAnswer(client, request.id, 0);
    expect(first).toEqual(like(accepted));
    const runId = textAt(first, "payload", "runId");
    const last = await nthAnswer(client, request.id, 1);
    expect(last).toEqual(like(answer));
    expect(at(last, "payload")).toEqual({ type: "message", content: plain, runId });
    const isDelta = (frame: JsonObject): boolean =>
      frame["event"] === "chat.delta" && textAt(frame, "payload", "runId") === runId;
    const deltas = client.received.filter(isDelta);
    expect(deltas[0]).toEqual(like(delta));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map((frame) => textAt(frame, "payload", "delta")).join("")).toBe(plain);
    expect(client.received.indexOf(first)).toBeLessThan(client.received.indexOf(deltas[0]!));
    expect(client.received.indexOf(deltas.at(-1)!)).toBeLessThan(client.received.indexOf(last));
    // Who only watches hears the end as an event.
    const final = await watcher.find((frame) => frame["event"] === "chat.final");
    expect(final["payload"]).toMatchObject({ runId, type: "message", content: plain });
    expect(watcher.received.filter(({ event }) => event === "chat" || event === "agent")).toEqual([]);
  });

  verifies("R-ONE-3", async ({ open, gateway, fresh }) => {
    const client = await open();
    await hello(client, withToken(examples.connect, gateway.token));
    const { request, accepted, answer } = examples.agent;
    const session = fresh("s");
    client.send({ ...request, params: { sessionId: session, message: "[[fast]]" } });
    expect(await nthAnswer(client, request.id, 0)).toEqual(like(accepted));
    const last = await nthAnswer(client, request.id, 1);
    expect(last).toEqual(like(answer));
    expect(textAt(last, "payload", "text")).toBe("Quick answer.");
    const { payload } = await call(client, "chat.history", { sessionId: session });
    expect(at(payload, "messages")).toHaveLength(2);
    // The id that a row carries means the same session.
    const { sessionId } = payload as { sessionId: string };
    expect(await call(client, "chat.history", { sessionId })).toMatchObject({ payload: { sessionId } });
  });
});

describe("the other form of frames", () => {
  verifies("R-ONE-4", async ({ open, gateway, fresh }) => {
    const client = await open();
    // Nothing but the credentials: the form of the frame says which protocol it is.
    const welcome = await callLong(client, "connect", { auth: { token: gateway.token } });
    expect(welcome).toMatchObject({
      type: "response",
      ok: true,
      payload: { event: "hello-ok", protocolVersion: 1, auth: { role: "operator" } },
    });
    const { request, response, refusal, broadcast } = examples.long;
    client.send(request);
    expect(await nthAnswer(client, request.id, 0)).toEqual(like(response));
    expect(await callLong(client, "no.such.method")).toEqual(like({ ...refusal, id: `long-${requests}`, error: {} }));
    client.send({
      ...request,
      id: "chat",
      method: "chat.send",
      params: { sessionKey: fresh("s"), message: "[[plain]]" },
    });
    expect(await nthAnswer(client, "chat", 0)).toMatchObject({ type: "response", payload: { status: "accepted" } });
    expect(await nthAnswer(client, "chat", 1)).toMatchObject({ type: "response", payload: { content: plain } });
    const delta = client.received.find(({ event }) => event === "chat.delta");
    expect(delta).toEqual(like(broadcast));
    expect(Object.keys(delta ?? {})).toEqual(["type", "event", "data"]);
    // Only the challenge came before the form was known.
    const events = client.received.filter(({ type }) => type === "event").map(({ event }) => event);
    expect(events).toEqual(["connect.challenge"]);
    client.send({ type: "req", id: "mixed", method: "health" });
    expect(await nthAnswer(client, "mixed", 0)).toMatchObject({
      type: "response",
      ok: false,
      error: { message: "invalid request frame: at /type: must be equal to constant" },
    });
  });

  verifies("R-ONE-5", async ({ open, gateway }) => {
    const early = await open();
    expect(await callLong(early, "health")).toMatchObject({
      type: "response",
      ok: false,
      error: { message: "invalid handshake: first request must be connect" },
    });
    const wrong = await open();
    expect(await callLong(wrong, "connect", { auth: { token: "not the token" } })).toMatchObject({
      type: "response",
      error: { code: "INVALID_REQUEST", message: "unauthorized: gateway token mismatch (provide gateway auth token)" },
    });
    expect(await wrong.closed()).toMatchObject({ code: 1008 });
    const newer = await open();
    const range = { minProtocol: 3, maxProtocol: 4 };
    expect(await callLong(newer, "connect", { ...range, auth: { token: gateway.token } })).toMatchObject({
      type: "response",
      error: { message: "protocol mismatch", details: { code: "PROTOCOL_MISMATCH", supported: [4, 3, 1] } },
    });
    expect(await newer.closed()).toEqual({ code: 1002, reason: "protocol mismatch" });
  });
});

describe("who may come in, and do what", () => {
  verifies("R-ONE-6", async ({ open, gateway }) => {
    const nobody = await open();
    const { auth: _, ...anonymous } = examples.connect;
    expect(await call(nobody, "connect", anonymous)).toMatchObject({ error: { code: "NOT_PAIRED" } });
    const reader = await open();
    const range = { minProtocol: 1, maxProtocol: 1 };
    const params = withToken({ ...examples.connectShort, ...range, scopes: ["operator.read"] }, gateway.token);
    expect(await hello(reader, params)).toMatchObject({ auth: { role: "operator", scopes: ["operator.read"] } });
    for (const [method, scope] of [
      ["chat.send", "operator.write"],
      ["agent", "operator.write"],
      ["config.get", "operator.admin"],
    ]) {
      expect(await call(reader, method!, { message: "x" })).toMatchObject({
        error: { code: "INVALID_REQUEST", message: `missing scope: ${scope}` },
      });
    }
    const node = await open();
    await hello(node, withToken({ ...examples.connect, role: "node" }, gateway.token));
    expect(await call(node, "chat.send", { sessionKey: "x", message: "x" })).toMatchObject({
      error: { message: "unauthorized role: node" },
    });
  });

  verifies("R-ONE-7", async ({ open, gateway }) => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    for (const isReplayed of [false, true]) {
      const client = await open();
      const nonce = textAt(await client.next(), "payload", "nonce") ?? "";
      const claims = {
        deviceId: createHash("sha256").update(raw).digest("hex"),
        clientId: "control-ui",
        clientMode: "frontend",
        role: "operator",
        scopes: ["operator.read"],
        signedAtMs: Date.now(),
        token: isReplayed ? "the nonce of another connection" : nonce,
      };
      const device = {
        id: claims.deviceId,
        publicKey: raw.toString("base64url"),
        signature: sign(null, Buffer.from(deviceAuthPayload.v1(claims)), privateKey).toString("base64url"),
        signedAt: claims.signedAtMs,
      };
      const params = { ...withToken(examples.connect, gateway.token), scopes: claims.scopes, device };
      const answer = await call(client, "connect", params);
      if (isReplayed) expect(answer).toMatchObject({ error: { message: "device signature invalid" } });
      else expect(answer).toMatchObject({ ok: true, payload: { auth: { scopes: ["operator.read"] } } });
    }
  });
});

describe("runs", () => {
  verifies("R-ONE-8", async ({ join, fresh }) => {
    const client = await join();
    const session = fresh("s");
    const send = (id: string, message: string): void =>
      client.send({ type: "req", id, method: "chat.send", params: { sessionKey: session, message } });
    const [slow, failing] = [fresh("slow"), fresh("failing")];
    send(slow, "[[slow]]");
    await client.find((frame) => frame["event"] === "chat.delta");
    expect(await call(client, "chat.abort", { sessionId: session })).toMatchObject({ payload: { aborted: true } });
    const aborted = await nthAnswer(client, slow, 1);
    expect(aborted["payload"]).toMatchObject({ type: "message", aborted: true });
    expect(textAt(aborted, "payload", "content")).toMatch(/^word0/);
    send(failing, "[[401]]");
    expect(await nthAnswer(client, failing, 0)).toMatchObject({ payload: { status: "accepted" } });
    expect(await nthAnswer(client, failing, 1)).toMatchObject({ ok: false, error: { code: "UNAVAILABLE" } });
    await client.find((frame) => frame["event"] === "chat.error");
  });
});
