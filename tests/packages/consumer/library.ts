// A gateway inside a program, and programs that talk to it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import { call, type ChatFold, GatewayClient, foldChat, retryTransient } from "@openclaw-gateway/client";
import {
  agentIdentities,
  createAgentProvisioner,
  createGatewayControlPlane,
  workspaceFor,
} from "@openclaw-gateway/client/provisioning";
import { attachGatewayProxy } from "@openclaw-gateway/client/proxy/node";
import { methods } from "@openclaw-gateway/protocol";
import { createGateway } from "@openclaw-gateway/server";

const stateDir = await mkdtemp(join(tmpdir(), "openclaw-library-"));
const token = "a-token-of-this-test-0123456789";
const gateway = await createGateway({
  runtime: createAgentRuntime,
  environment: { HOME: stateDir, OPENCLAW_STATE_DIR: stateDir, OPENCLAW_GATEWAY_TOKEN: token },
  overrides: { port: 0 },
});
const { port } = await gateway.start();
await gateway.ready();
const url = `ws://127.0.0.1:${port}`;
try {
  assert.equal(methods["sessions.list"].params.safeParse({ limit: 0 }).success, false);
  const health = await retryTransient(() => call({ url, token }, "health"));
  assert.equal(health.ok, true);

  const client = new GatewayClient({ url, token, scopes: ["operator.admin"] });
  const { agentId, sessionKey } = agentIdentities.boardAgent("0b5f1c9e-7a35-4a5e-9d0a-2f6f3f1f9c11");
  const provisioner = createAgentProvisioner({ controlPlane: createGatewayControlPlane({ client }) });
  const { isCreated } = await provisioner.applyAgentLifecycle({
    action: "provision",
    agentId,
    name: "Agent of a board",
    workspace: workspaceFor(stateDir, agentId),
    templates: { "SOUL.md": "You are {{ name }}.\n" },
    variables: { name: "Ada" },
  });
  assert.equal(isCreated, true);
  await client.close();

  const server = createServer();
  const proxy = attachGatewayProxy(server, { gateway: { url, token }, requiresOrigin: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const path = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/gateway/ws`;
  const withoutToken = new GatewayClient({ url: path, connectsFirst: true });
  assert.match(await ask(withoutToken, sessionKey, "Hello through a proxy"), /Hello through a proxy/);
  await withoutToken.close();
  await proxy.close();
  server.close();

  const simulated = new GatewayClient({}, { mode: "mock" });
  assert.notEqual(await ask(simulated, "main", "Hello, nobody"), "");
  assert.equal(simulated.isMock, true);
  await simulated.disconnect();
} finally {
  await gateway.stop();
}
console.log("done");

async function ask(client: GatewayClient, sessionKey: string, message: string): Promise<string> {
  const said = Promise.withResolvers<string>();
  let fold: ChatFold | undefined;
  client.on("chat", (event) => {
    fold = foldChat(fold, event);
    if (event.state === "final" && fold) said.resolve(fold.text);
    if (event.state === "error") said.reject(new Error("the turn failed"));
  });
  await client.connect();
  await client.api.chat.send({ sessionKey, message, idempotencyKey: message });
  return said.promise;
}
