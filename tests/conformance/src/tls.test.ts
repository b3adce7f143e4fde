import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import { ConnectionError, createNodeClient } from "@openclaw-gateway/client";
import { createGateway } from "@openclaw-gateway/server";
import { expect, test } from "vitest";

const token = "canary-token-of-this-gateway";
const wrongPin = "00".repeat(32);

async function startTlsGateway() {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-tls-"));
  const stateDir = join(folder, "state");
  await mkdir(stateDir, { mode: 0o700 });
  const config = { gateway: { auth: { token }, tls: { enabled: true } } };
  await writeFile(join(stateDir, "openclaw.json"), JSON.stringify(config), { mode: 0o600 });
  const gateway = await createGateway({
    environment: { HOME: folder, OPENCLAW_STATE_DIR: stateDir },
    runtime: (input) => createAgentRuntime(input),
    overrides: { port: 0, drainBudgetMs: 100 },
  });
  const { port, url } = await gateway.start();
  await gateway.ready();
  return {
    gateway,
    port,
    url,
    stateDir,
    fingerprint: gateway.tls?.fingerprint ?? "",
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test("a client that pins the certificate connects over the same port, and is told which one it is", async () => {
  await using started = await startTlsGateway();
  expect(started.url).toBe(`https://127.0.0.1:${started.port}/`);
  const tlsFingerprint = `sha256:${(started.fingerprint.toUpperCase().match(/../g) ?? []).join(":")}`;
  const client = createNodeClient({ url: started.url, token, tlsFingerprint, reconnect: false });
  const hello = await client.connect();
  expect(hello.server.tlsFingerprint).toBe(started.fingerprint);
  expect((await client.request("status")).sessions.count).toBe(0);
  await client.close();
});

test("without a pin a certificate that nobody vouches for is refused", async () => {
  await using started = await startTlsGateway();
  const client = createNodeClient({ url: started.url, token, reconnect: false });
  await expect(client.connect()).rejects.toThrow(/self-signed certificate/);
  await client.close();
});

test("T-F5: nothing is sent to a peer with another certificate, and the client does not come back by itself", async () => {
  await using started = await startTlsGateway();
  const heard: Buffer[] = [];
  let connections = 0;
  const files = join(started.stateDir, "gateway", "tls");
  const [cert, key] = await Promise.all(["cert", "key"].map((name) => readFile(join(files, `gateway-${name}.pem`))));
  const impostor = createServer({ cert, key }, (socket) => {
    socket.on("data", (data: Buffer) => heard.push(data));
    socket.on("error", () => {});
  });
  impostor.on("connection", () => connections++);
  await new Promise<void>((resolve) => void impostor.listen(0, "127.0.0.1", resolve));
  const { port } = impostor.address() as AddressInfo;
  const client = createNodeClient({
    url: `wss://127.0.0.1:${port}/?token=${token}`,
    token,
    tlsFingerprint: wrongPin,
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
  });
  const error: unknown = await client.connect().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({
    reason: "untrusted",
    message: expect.stringContaining(`found sha256:${started.fingerprint}`),
  });
  expect(client.state).toMatchObject({ at: "stopped", reason: "refused" });
  await client.close();
  await new Promise<void>((resolve) => void impostor.close(() => resolve()));
  expect(connections).toBe(1);
  expect(Buffer.concat(heard)).toHaveLength(0);
});
