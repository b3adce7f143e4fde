import { createPublicKey, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deviceAuthPayload } from "@openclaw-gateway/protocol/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDeviceIdentity } from "./index.ts";
import { rejectionOf } from "./testing/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "device-identity-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const challenge = {
  clientId: "cli",
  clientMode: "cli",
  role: "operator",
  scopes: ["operator.read"],
  signedAtMs: 5,
  token: "t",
  nonce: "n",
};
const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

test("a key that is made once, belongs to nobody else, and signs what gateways check", async () => {
  const file = join(folder, "deep", "er", "device.json");
  const device = await openDeviceIdentity(file);
  expect(await modeOf(file)).toBe(0o600);
  expect(await modeOf(join(folder, "deep"))).toBe(0o700);
  const again = await openDeviceIdentity(file);
  expect(again.deviceId).toBe(device.deviceId);
  expect(device.deviceId).toMatch(/^[0-9a-f]{64}$/);
  const { signature, ...signed } = again.sign(challenge);
  expect(signed).toEqual({ id: device.deviceId, publicKey: device.publicKey, signedAt: 5, nonce: "n" });
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: device.publicKey }, format: "jwk" });
  const text = deviceAuthPayload.v2({ ...challenge, deviceId: device.deviceId });
  expect(verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"))).toBe(true);
  expect(await readdir(join(folder, "deep", "er"))).toEqual(["device.json"]);
});

test("processes that start together get one key", async () => {
  const file = join(folder, "race.json");
  const devices = await Promise.all(Array.from({ length: 8 }, () => openDeviceIdentity(file)));
  expect(new Set(devices.map(({ deviceId }) => deviceId)).size).toBe(1);
});

test("tokens by gateway and role; a file that others could read is closed", async () => {
  const file = join(folder, "tokens.json");
  const device = await openDeviceIdentity(file);
  const mine = device.tokensFor("ws://box:1/ws");
  const elsewhere = device.tokensFor("wss://box:1");
  const asNode = device.tokensFor("ws://box:1", "node");
  expect(await mine.read()).toBeUndefined();
  await Promise.all([mine.keep("a"), elsewhere.keep("b"), asNode.keep("c"), mine.keep("d")]);
  await chmod(file, 0o644);
  const again = await openDeviceIdentity(file);
  expect(await modeOf(file)).toBe(0o600);
  // Another path is the same gateway.
  expect(await again.tokensFor("ws://box:1/").read()).toBe("d");
  expect(await again.tokensFor("wss://box:1").read()).toBe("b");
  expect(await again.tokensFor("ws://box:1", "node").read()).toBe("c");
  await again.tokensFor("ws://box:1").drop();
  expect(await mine.read()).toBeUndefined();
  expect(await elsewhere.read()).toBe("b");
  expect(await readFile(file, "utf8")).not.toContain('"d"');
});

test.each(["", "{", "{}", '{"version":1,"privateKey":"no key"}', "[]"])(
  "a file that holds %j is left alone",
  async (text) => {
    const file = join(folder, "broken.json");
    await writeFile(file, text);
    expect(String(await rejectionOf(openDeviceIdentity(file)))).toMatch(/broken.json holds no device identity/);
    expect(await readFile(file, "utf8")).toBe(text);
  },
);
