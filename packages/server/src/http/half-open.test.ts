import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createMemoryClient } from "../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

/** Sockets of one machine that begin something and say no more. */
async function halfOpen(port: number, count: number, text: string) {
  const sockets: Socket[] = [];
  for (let done = 0; done < count; done += 250) {
    const some = Array.from({ length: Math.min(250, count - done) }, async () => {
      const socket = connect(port, "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => {});
      await new Promise<void>((resolve) => {
        socket.once("connect", resolve);
        socket.once("close", () => resolve());
      });
      socket.resume();
      if (text !== "" && socket.writable) socket.write(text, "latin1");
    });
    await Promise.all(some);
  }
  return {
    /** Resolves when the other side has ended all of them. */
    reaped: () =>
      Promise.all(
        sockets.map(async (socket) => {
          if (!socket.destroyed) await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
        }),
      ),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const upgrade =
  "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

test.each([
  ["that never speak", ""],
  ["with half a request", "GET / HTTP/1.1\r\nHost: loc"],
  ["that never connect", upgrade],
])("T-G1: thousands of sockets %s change nothing for others", async (_, text) => {
  await using test = await startTestGateway(createScriptedRuntime(() => answer("hi")));
  const before = createMemoryClient(test.gateway);
  await before.connect();
  await using _flood = await halfOpen(test.port, 3_000, text);
  expect((await before.request("health")).ok).toBe(true);
  for (let count = 0; count < 5; count++) {
    using client = await openSocket(test.url);
    expect((await client.connect()).ok).toBe(true);
  }
  expect((await fetch(`${test.url}healthz`)).status).toBe(200);
});

test.each([
  ["that never speak", ""],
  ["with half a request", "GET / HTTP/1.1\r\nHost: loc"],
  ["that never connect", upgrade],
  ["with half a message", `${upgrade}\x81\xfe`],
  ["that are refused and stay", `${upgrade}\x81\x82\0\0\0\0{}`],
  ["whose upgrade is none", upgrade.replace("Sec-WebSocket-Key", "X-Other")],
  ["that do not speak HTTP", "\x16\x03\x01 anything\r\n\r\n"],
])("T-G1: sockets %s are dropped when the time for the handshake is over", async (_, text) => {
  await using test = await startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    { settings: { handshakeTimeoutMs: 500 } },
  );
  await using flood = await halfOpen(test.port, 60, text);
  await expect(flood.reaped()).resolves.toHaveLength(60);
});
