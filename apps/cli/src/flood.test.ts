import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { createNodeClient } from "@openclaw-gateway/client";
import { expect, test } from "vitest";
import { builtEntry, createInstallation } from "./testing/cli-process.ts";

// The memory of what people run counts, so the built program is measured. Only Linux tells what a process really uses.
const canMeasure = process.platform === "linux" && (existsSync(builtEntry) || process.env["CI"] === "true");

const upgrade = (key: string): string =>
  `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${key}\r\n`;
const kinds = [
  "",
  "GET / HTTP/1.1\r\nHost: loc",
  upgrade("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"),
  upgrade(""),
  "\x16\x03\x01 not HTTP\r\n\r\n",
];

async function ownMegabytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "latin1");
  return Number(/^Pss_Anon:\s+(\d+) kB$/m.exec(rollup)?.[1]) / 1_024;
}

/** One who opens sockets, says something or nothing, and waits. */
async function flood(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let done = 0; done < count; done += 250) {
    const some = Array.from({ length: 250 }, async (_, index) => {
      const socket = connect(port, "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => {});
      await new Promise<void>((resolve) => {
        socket.once("connect", resolve);
        socket.once("close", () => resolve());
      });
      socket.resume();
      const text = kinds[index % kinds.length]!;
      if (text !== "" && socket.writable) socket.write(text, "latin1");
    });
    await Promise.all(some);
  }
  return sockets;
}

test.skipIf(!canMeasure)(
  "T-G1: ten thousand sockets that never authenticate cost less than 20 MB, and cost others nothing",
  async () => {
    await using installation = await createInstallation(builtEntry);
    const gateway = await installation.startGateway();
    const [, url = "", token = ""] = await gateway.until(/Open (\S+)#token=(\S+)/);
    const client = createNodeClient({ url: url.replace("http", "ws"), token, reconnect: false });
    await client.connect();
    const isWell = async () => (await client.request("health")).ok;
    for (let count = 0; count < 200; count++) await isWell();
    // The first sockets of a process bring code and compiled code with them, which is no cost of the others.
    for (const socket of await flood(Number(new URL(url).port), 500)) socket.destroy();
    const before = await ownMegabytes(gateway.pid);

    const sockets = await flood(Number(new URL(url).port), 10_000);
    expect(await isWell()).toBe(true);
    const newcomer = createNodeClient({ url: url.replace("http", "ws"), token, reconnect: false });
    await newcomer.connect();
    // What the burst left for the collector counts until the collector came by.
    const grown = async () => (await ownMegabytes(gateway.pid)) - before;
    await expect.poll(grown, { timeout: 25_000, interval: 250 }).toBeLessThanOrEqual(20);

    for (const socket of sockets) socket.destroy();
    expect(await isWell()).toBe(true);
    await newcomer.close();
    await client.close();
  },
  60_000,
);
