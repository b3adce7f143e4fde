import { describe, expect, test, vi } from "vitest";
import { GatewayError } from "./index.ts";
import { connectScriptedClient, createManualClock, createScriptedClient, rejectionOf } from "./testing/index.ts";

describe("requests", () => {
  test("resolve with the payload, matched by id in any order", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const first = client.request("sessions.list", { limit: 1 });
    const second = client.api.chat.history({ sessionKey: "main" });
    const [a, b] = [await gateway.receive("sessions.list"), await gateway.receive("chat.history")];
    expect(a.params).toEqual({ limit: 1 });
    expect(a.id).not.toBe(b.id);
    gateway.respond(b, { sessionKey: "main", messages: [], novelty: true });
    gateway.respond(a, { sessions: [] });
    expect(await second).toEqual({ sessionKey: "main", messages: [], novelty: true });
    expect(await first).toEqual({ sessions: [] });
  });

  test("without params the member is left out", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const asked = client.request("last-heartbeat");
    const request = await gateway.receive();
    expect(request).not.toHaveProperty("params");
    gateway.respond(request, null);
    expect(await asked).toBeNull();
  });

  test("the gateway's error comes back whole", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const refused = rejectionOf(client.request("agent", { message: "hi", idempotencyKey: "k" }));
    const { id } = await gateway.receive("agent");
    gateway.send({
      type: "res",
      id,
      ok: false,
      error: { code: "UNAVAILABLE", message: "busy", details: { a: 1 }, retryable: true, retryAfterMs: 5 },
      payload: { runId: "k", status: "error" },
    });
    const error = await refused;
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({
      code: "UNAVAILABLE",
      message: "busy",
      wire: { details: { a: 1 }, retryable: true, retryAfterMs: 5 },
      payload: { runId: "k", status: "error" },
    });
  });

  test("a refusal without a readable error is still a refusal", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const refused = rejectionOf(client.requestUntyped("plugin.thing", { x: 1 }));
    const { id, params } = await gateway.receive("plugin.thing");
    expect(params).toEqual({ x: 1 });
    gateway.send({ type: "res", id, ok: false });
    expect(await refused).toMatchObject({ name: "GatewayError", code: "UNAVAILABLE" });
  });

  test("made before hello-ok are held and sent in order", async () => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    const answers = [client.request("health"), client.request("status")];
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    const requests = [await gateway.receive("health"), await gateway.receive("status")];
    requests.forEach((request, index) => gateway.respond(request, { index }));
    expect(await Promise.all(answers)).toEqual([{ index: 0 }, { index: 1 }]);
  });

  test("time out, and a late answer is nobody's", async () => {
    const clock = createManualClock();
    await using scripted = await connectScriptedClient({ clock });
    const { client, gateway } = scripted;
    const short = rejectionOf(client.request("health", {}, { timeoutMs: 50 }));
    const usual = rejectionOf(client.request("status"));
    const request = await gateway.receive("health");
    await gateway.receive("status");
    clock.advance(50);
    expect(await short).toMatchObject({ reason: "timeout", message: "health: no answer within 50ms" });
    gateway.respond(request, {});
    clock.advance(29_950);
    expect(await usual).toMatchObject({ reason: "timeout", message: "status: no answer within 30000ms" });
  });

  test("can be aborted before and after they were sent", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const reason = new Error("enough");
    const early = client.request("health", {}, { signal: AbortSignal.abort(reason) });
    expect(await rejectionOf(early)).toMatchObject({ reason: "aborted", cause: reason });
    const controller = new AbortController();
    const late = rejectionOf(client.request("status", {}, { signal: controller.signal }));
    // The early one was never sent.
    gateway.respond(await gateway.receive("status").then((request) => (controller.abort(reason), request)));
    expect(await late).toMatchObject({ reason: "aborted", cause: reason });
  });

  test("too large for the gateway are refused here and hurt nobody", async () => {
    await using scripted = await connectScriptedClient(
      {},
      { policy: { maxPayload: 200, maxBufferedBytes: 1, tickIntervalMs: 30_000 } },
    );
    const { client, gateway } = scripted;
    const big = rejectionOf(client.request("chat.inject", { sessionKey: "main", message: "é".repeat(100) }));
    const small = client.request("health");
    expect(await big).toMatchObject({ reason: "too-large" });
    gateway.respond(await gateway.receive("health"), { ok: true });
    expect(await small).toEqual({ ok: true });
  });

  test("what an older gateway cannot know is refused here; hidden methods go through", async () => {
    await using scripted = await connectScriptedClient(
      {},
      { protocol: 3, features: { methods: ["health"], events: [] } },
    );
    const { client, gateway } = scripted;
    const newer = rejectionOf(client.request("sessions.describe", { key: "main" }));
    const hidden = client.request("chat.inject", { sessionKey: "main", message: "note" });
    const unknown = client.requestUntyped("plugin.thing");
    gateway.respond(await gateway.receive("chat.inject"), { ok: true, messageId: "m" });
    gateway.respond(await gateway.receive("plugin.thing"), 1);
    expect(await newer).toMatchObject({
      reason: "unsupported-method",
      message: "sessions.describe needs protocol 4; this gateway speaks 3",
    });
    expect(await hidden).toMatchObject({ messageId: "m" });
    expect(await unknown).toBe(1);
  });
});

describe("two answers", () => {
  const params = { message: "hi", idempotencyKey: "run-1" };
  const accepted = { runId: "run-1", status: "accepted", acceptedAt: 1 };

  test("accepted first, then the result", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const onAccepted = vi.fn<(first: unknown) => void>();
    const running = client.request("agent", params, { onAccepted });
    const request = await gateway.receive("agent");
    gateway.respond(request, accepted);
    gateway.respond(request, { runId: "run-1", status: "ok" });
    expect(await running).toEqual({ runId: "run-1", status: "ok" });
    expect(onAccepted).toHaveBeenCalledExactlyOnceWith(accepted);
  });

  test("nobody has to listen to the first", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const running = client.api.agent(params);
    const request = await gateway.receive("agent");
    gateway.respond(request, accepted);
    gateway.respond(request, { runId: "run-1", status: "ok" });
    expect(await running).toMatchObject({ status: "ok" });
  });

  test("the work may outlast the usual timeout, but not one of its own", async () => {
    const clock = createManualClock();
    await using scripted = await connectScriptedClient({ clock }, { policy: { tickIntervalMs: 1_000_000 } });
    const { client, gateway } = scripted;
    const accepts = Promise.withResolvers<unknown>();
    const usual = client.request("agent", params, { onAccepted: accepts.resolve });
    const request = await gateway.receive("agent");
    gateway.respond(request, accepted);
    await accepts.promise;
    const own = Promise.withResolvers<unknown>();
    const bounded = rejectionOf(client.request("agent", params, { onAccepted: own.resolve, timeoutMs: 40_000 }));
    gateway.respond(await gateway.receive("agent"), accepted);
    await own.promise;
    clock.advance(600_000);
    expect(await bounded).toMatchObject({ reason: "timeout" });
    gateway.respond(request, { runId: "run-1", status: "ok" });
    expect(await usual).toMatchObject({ status: "ok" });
  });

  test("a refusal may come second", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const running = rejectionOf(client.request("agent", params));
    const request = await gateway.receive("agent");
    gateway.respond(request, accepted);
    gateway.refuse(request, { code: "UNAVAILABLE", message: "provider down" });
    expect(await running).toMatchObject({ code: "UNAVAILABLE", message: "provider down" });
  });
});
