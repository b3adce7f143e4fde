import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { createScriptedServer } from "../testing/index.ts";
import { registerGatewayProxy } from "./next.ts";

/** As Next.js does: a server made before the proxy is registered, whose own listener ends sockets of pages. */
async function startFramework() {
  const server = createServer((_request, response) => response.end("a page"));
  server.on("upgrade", (_request: unknown, socket: Duplex) => socket.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    server,
    origin,
    dial: () => new WebSocket(`${origin.replace("http", "ws")}/api/gateway/ws`, { origin }),
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test("the first connection of a framework's server may be the upgrade itself", async () => {
  using framework = await startFramework();
  await using gateway = await createScriptedServer();
  const proxy = registerGatewayProxy({ gateway: { url: gateway.url, token: "secret" } });
  const page = framework.dial();
  const upstream = await gateway.accept();
  upstream.event("connect.challenge", { nonce: "n", ts: 1 });
  const [challenge] = await once(page, "message");
  expect(String(challenge)).toContain("connect.challenge");
  expect(await (await fetch(framework.origin)).text()).toBe("a page");
  await proxy.close();
  expect(framework.server.listenerCount("upgrade")).toBe(1);
});

test("registered again, as development servers do, it takes over", async () => {
  using framework = await startFramework();
  await using old = await createScriptedServer();
  await using present = await createScriptedServer();
  const first = registerGatewayProxy({ gateway: { url: old.url, token: "secret" } });
  const before = framework.dial();
  await old.accept();
  const closed = once(before, "close");
  const second = registerGatewayProxy({ gateway: { url: present.url, token: "secret" } });
  expect((await closed).map(String)).toEqual(["1012", "service restart"]);
  const after = framework.dial();
  await present.accept();
  expect([old.accepted, present.accepted, first.connections, second.connections]).toEqual([1, 1, 0, 1]);
  after.terminate();
  await second.close();
});
