import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthenticationError, GatewayClient } from "@openclaw-gateway/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GatewayUnderTest, startGatewayUnderTest } from "./gateway-under-test.ts";

let gateway: GatewayUnderTest;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "device-"));
  gateway = await startGatewayUnderTest();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Config = ConstructorParameters<typeof GatewayClient>[0];
const open = (device: string, config: Config = {}) =>
  new GatewayClient({ url: gateway.url, token: gateway.token, device, environment: {}, ...config });

/** How the gateway says it let the client in. */
async function methodOf(client: GatewayClient): Promise<string | undefined> {
  const { auth } = await client.connect();
  await client.disconnect();
  return auth?.method;
}

/** The file is written after the client was let in. */
const soon = { timeout: 15_000 };
const keptTokens = async (file: string): Promise<string[]> =>
  Object.values((JSON.parse(await readFile(file, "utf8")) as { tokens: Record<string, string> }).tokens);

test("a device is paired with the shared token, and comes back with its own", async () => {
  const file = join(folder, "mine.json");
  expect(await methodOf(open(file))).toBe("token");
  await expect.poll(() => keptTokens(file), soon).toHaveLength(1);
  // The shared one is not needed any more, nor shown.
  expect(await methodOf(open(file, { token: undefined }))).toBe("device-token");
  expect(await methodOf(open(file, { token: "wrong" }))).toBe("device-token");
});

test("a token that was rotated away is dropped, and the shared one let in; without that one nobody is", async () => {
  const file = join(folder, "rotated.json");
  expect(await methodOf(open(file))).toBe("token");
  await expect.poll(() => keptTokens(file), soon).toHaveLength(1);
  const [stale] = await keptTokens(file);
  const admin = new GatewayClient({
    url: gateway.url,
    token: gateway.token,
    scopes: ["operator.admin"],
    environment: {},
  });
  const { deviceId } = JSON.parse(await readFile(file, "utf8")) as { deviceId: string };
  await admin.request("device.token.rotate", { deviceId, role: "operator" });
  await admin.disconnect();

  expect(await methodOf(open(file))).toBe("token");
  await expect.poll(() => keptTokens(file), soon).not.toEqual([stale]);
  const refused = open(join(folder, "stranger.json"), { token: "wrong" }).connect();
  await expect(refused).rejects.toBeInstanceOf(AuthenticationError);
});
