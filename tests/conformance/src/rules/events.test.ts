import { describe, expect } from "vitest";
import { formOf, runOf } from "../forms.ts";
import { startGatewayUnderTest } from "../gateway-under-test.ts";
import { type JsonObject, textAt } from "../json.ts";
import { connectMemory, connectSocket, type RawClient } from "../raw-client.ts";
import { call, connectParams, hello } from "../requests.ts";
import { onOneGateway, verifies } from "../verifies.ts";

onOneGateway();

const finalOf = (client: RawClient, runId: string): Promise<JsonObject> =>
  client.find((frame) => runOf(frame) === runId && formOf(frame) === "chat/final", 10_000);

describe("who sees what", () => {
  verifies("R-EVT-1", async ({ join, fresh }) => {
    const clients = [
      await join({ caps: ["tool-events"] }),
      await join({ scopes: ["operator.read"] }),
      await join({ scopes: ["operator.approvals"] }),
    ];
    const runs = [fresh("run"), fresh("run")];
    await call(clients[0]!, "sessions.patch", { key: "numbered", verboseLevel: "full" });
    await Promise.all(
      runs.map((runId, index) =>
        call(clients[0]!, "chat.send", { sessionKey: `numbered-${index}`, message: "[[tool]]", idempotencyKey: runId }),
      ),
    );
    for (const runId of runs) await finalOf(clients[0]!, runId);
    // Answers come after the events before them, so that what is under way arrives too.
    for (const client of clients) await call(client, "no.such.method");
    for (const client of clients) {
      const numbers = client.received.map((frame) => frame["seq"]).filter((seq) => typeof seq === "number");
      expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    }
    expect(clients[0]!.received.filter((frame) => typeof frame["seq"] === "number").length).toBeGreaterThan(10);
  });

  verifies("R-EVT-2", async ({ join, fresh }) => {
    const admin = await join();
    const reader = await join({ scopes: ["operator.read"] });
    const approver = await join({ scopes: ["operator.approvals", "operator.pairing", "bogus"] });
    const node = await join({
      role: "node",
      scopes: [],
      client: { id: "node-host", version: "1", platform: "linux", mode: "node" },
    });
    const runId = fresh("run");
    await call(admin, "chat.send", { sessionKey: fresh("s"), message: "[[fast]]", idempotencyKey: runId });
    await Promise.all([finalOf(admin, runId), finalOf(reader, runId)]);
    for (const client of [approver, node]) {
      await call(client, "no.such.method");
      expect(client.received.filter(({ event }) => event === "chat" || event === "agent")).toEqual([]);
    }
  });

  verifies("R-EVT-3", async ({ join, protocol, fresh }) => {
    const [client, runId] = [await join(), fresh("run")];
    await call(client, "chat.send", { sessionKey: fresh("s"), message: "[[plain]]", idempotencyKey: runId });
    await finalOf(client, runId);
    const states = new Set(
      client.received
        .filter((frame) => runOf(frame) === runId && frame["event"] === "chat")
        .map((frame) => textAt(frame, "payload", "state")),
    );
    expect(states.has("delta")).toBe(true);
    if (protocol === 3) expect([...states].toSorted()).toEqual(["delta", "final"]);
  });

  verifies("R-EVT-4", async ({ join, fresh }) => {
    const starter = await join({ caps: ["tool-events"] });
    const [capable, watcher] = [await join({ caps: ["tool-events"] }), await join()];
    const [sessionKey, runId] = [fresh("s"), fresh("run")];
    await call(starter, "sessions.patch", { key: sessionKey, verboseLevel: "full" });
    await call(starter, "chat.send", { sessionKey, message: "read it [[tool]]", idempotencyKey: runId });
    for (const client of [starter, capable, watcher]) await finalOf(client, runId);
    const toolsOf = (client: RawClient): JsonObject[] =>
      client.received.filter((frame) => formOf(frame).startsWith("agent/tool"));
    expect(toolsOf(starter).map(formOf)).toEqual(["agent/tool/start", "agent/tool/result"]);
    expect(toolsOf(starter).some((frame) => "seq" in frame)).toBe(false);
    expect(JSON.stringify(toolsOf(starter)[1])).toContain("marmalade");
    expect([...toolsOf(capable), ...toolsOf(watcher)]).toEqual([]);
  });

  verifies("R-EVT-5", async ({ join, fresh }) => {
    const [client, listener, reader] = [await join(), await join(), await join()];
    const [sessionKey, runId] = [fresh("s"), fresh("run")];
    expect(await call(listener, "sessions.subscribe", {})).toMatchObject({ payload: { subscribed: true } });
    expect(await call(reader, "sessions.messages.subscribe", { key: sessionKey })).toMatchObject({
      payload: { subscribed: true },
    });
    await call(client, "chat.send", { sessionKey, message: "[[fast]]", idempotencyKey: runId });
    const isAnswer = (frame: JsonObject): boolean =>
      formOf(frame) === "session.message/assistant" &&
      textAt(frame, "payload", "sessionKey") === `agent:main:${sessionKey}`;
    for (const subscriber of [listener, reader]) await subscriber.find(isAnswer);
    await listener.find((frame) => frame["event"] === "sessions.changed");
    expect(reader.received.filter(({ event }) => event === "sessions.changed")).toEqual([]);
    expect(client.received.filter(({ event }) => String(event).startsWith("session"))).toEqual([]);
  });
});

describe("the end", () => {
  verifies("R-EVT-6", async ({ protocol, link }) => {
    await using gateway = await startGatewayUnderTest();
    const client = link === "socket" ? await connectSocket(gateway.url) : connectMemory(gateway);
    await hello(client, connectParams(protocol, gateway));
    const stopped = gateway.stop();
    const { payload } = await client.find(({ event }) => event === "shutdown");
    expect(payload).toEqual({ reason: "gateway stopping", restartExpectedMs: null });
    expect(await client.closed()).toEqual({ code: 1012, reason: "service restart" });
    await stopped;
  });
});
