import { expect, test } from "vitest";
import { startGatewayUnderTest } from "../gateway-under-test.ts";
import type { JsonObject } from "../json.ts";
import { connectSocket, type RawClient } from "../raw-client.ts";
import { call, connectParams, hello } from "../requests.ts";

/** What programs on nodes told gateways of commands that nobody had asked for. */
const forged = (sessionKey: string): [method: string, params: JsonObject][] => {
  const told = { sessionKey, runId: "forged-run", command: "id", output: "forged-output", exitCode: 0, success: true };
  return [
    ...["exec.started", "exec.finished", "exec.denied", "agent.request", "voice.transcript", "chat.subscribe"].map(
      (event): [string, JsonObject] => ["node.event", { event, payloadJSON: JSON.stringify(told) }],
    ),
    ["node.invoke.result", { id: "forged-call", nodeId: "node-host", ok: true, payloadJSON: JSON.stringify(told) }],
    ["node.pending.ack", { ids: ["forged-call"] }],
    ["exec.approval.resolve", { id: "forged-call", decision: "allow-once" }],
    ["agent", { message: "forged-output", sessionKey, idempotencyKey: "forged-run" }],
    ["chat.inject", { sessionKey, message: "forged-output" }],
  ];
};

test("T-E3: nothing that a node tells of its own accord is taken", async () => {
  await using gateway = await startGatewayUnderTest();
  const [operator, node] = [await connectSocket(gateway.url), await connectSocket(gateway.url)];
  await hello(operator, connectParams(4, gateway));
  await hello(
    node,
    connectParams(3, gateway, {
      role: "node",
      scopes: [],
      client: { id: "node-host", version: "1", platform: "linux", mode: "node" },
      commands: ["system.run"],
    }),
  );
  const sessionKey = "agent:main:main";
  for (const [method, params] of forged(sessionKey)) {
    expect(await call(node, method, params), method).toMatchObject({ ok: false, error: { code: expect.any(String) } });
  }
  await settled(operator);
  expect(operator.received.filter((frame) => JSON.stringify(frame).includes("forged"))).toEqual([]);
  expect(gateway.provider.requests).toEqual([]);
  expect(await call(operator, "chat.history", { sessionKey })).toMatchObject({ ok: true, payload: { messages: [] } });
});

/** Spellings of nobody in particular, each of which once passed for an agent that hooks may reach. */
const agentIds = ["main", "", " ", "\t", "MAIN", "main ", "*", "__proto__", null];

test("T-F4: addresses of hooks run nothing, whatever agent or session they name", async () => {
  await using gateway = await startGatewayUnderTest();
  const operator = await connectSocket(gateway.url);
  await hello(operator, connectParams(4, gateway));
  const paths = [
    "/hooks/agent",
    "/hooks/wake",
    "/hooks/mapped",
    "/.openclaw/hooks/agent",
    "/hooks/agent?token=rec-token",
  ];
  for (const path of paths) {
    for (const agentId of agentIds) {
      const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${gateway.token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ message: "forged", text: "forged", agentId, sessionKey: "agent:main:main" }),
      });
      expect([404, 405], path).toContain(answer.status);
    }
  }
  await settled(operator);
  expect(gateway.provider.requests).toEqual([]);
  expect(operator.received.filter((frame) => JSON.stringify(frame).includes("forged"))).toEqual([]);
});

/** Whatever an earlier request set off has been told to this client when a later one is answered. */
async function settled(client: RawClient): Promise<void> {
  await call(client, "sessions.list", {});
  await call(client, "health", {});
}
