import { createHash, createPublicKey, verify } from "node:crypto";
import { createScriptedServer, rejectionOf } from "@openclaw-gateway/client/testing";
import { deviceAuthPayload } from "@openclaw-gateway/protocol/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBrowserClient } from "../index.ts";
import { createDeviceTokens, type KeyStore, openDevice } from "./index.ts";

const challenge = {
  clientId: "openclaw-control-ui",
  clientMode: "webchat",
  role: "operator",
  scopes: ["operator.read", "operator.write"],
  signedAtMs: 1_700_000_000_000,
  token: "secret",
  nonce: "n-1",
  platform: "Web",
};

function createMemoryKeys(): KeyStore & { names(): string[] } {
  const kept = new Map<string, CryptoKeyPair>();
  return {
    load: async (name) => kept.get(name),
    keep: async (name, pair) => {
      if (!kept.has(name)) kept.set(name, pair);
      return kept.get(name) ?? pair;
    },
    names: () => [...kept.keys()],
  };
}

function createStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  };
}

beforeEach(() => void vi.stubGlobal("isSecureContext", true));
afterEach(() => void vi.unstubAllGlobals());

describe("a browser as a device", () => {
  test("signs the challenge in the newest form, with the id that its key has", async () => {
    const device = await openDevice("https://gateway.example/", createMemoryKeys());
    const signed = await device.sign(challenge);
    const raw = Buffer.from(device.publicKey, "base64url");
    expect(raw).toHaveLength(32);
    expect(device.id).toBe(createHash("sha256").update(raw).digest("hex"));
    expect(signed).toMatchObject({ id: device.id, publicKey: device.publicKey, signedAt: 1_700_000_000_000 });
    expect(signed.nonce).toBe("n-1");
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]),
      format: "der",
      type: "spki",
    });
    const text = Buffer.from(deviceAuthPayload.v3({ ...challenge, deviceId: device.id }));
    expect(verify(null, text, key, Buffer.from(signed.signature, "base64url"))).toBe(true);
  });

  test("is the same one next time, and another one for another gateway", async () => {
    const keys = createMemoryKeys();
    const first = await openDevice("wss://gateway.example/ws?x=1", keys);
    expect((await openDevice("https://gateway.example/ws/", keys)).id).toBe(first.id);
    expect((await openDevice("https://gateway.example/other", keys)).id).not.toBe(first.id);
    expect((await openDevice("https://gateway.example:8443/ws", keys)).id).not.toBe(first.id);
    expect(keys.names()).toEqual(["gateway.example/ws", "gateway.example/other", "gateway.example:8443/ws"]);
  });

  test("two tabs that start at once become one device", async () => {
    const keys = createMemoryKeys();
    const [one, two] = await Promise.all([openDevice("https://g/", keys), openDevice("https://g/", keys)]);
    expect(one.id).toBe(two.id);
  });

  test("its private key cannot be taken out", async () => {
    const keys = createMemoryKeys();
    await openDevice("https://g/", keys);
    const pair = await keys.load("g");
    expect(pair?.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("pkcs8", pair!.privateKey)).rejects.toThrow(/extractable/);
  });

  test.each([
    ["insecure-context", () => vi.stubGlobal("isSecureContext", false), createMemoryKeys()],
    [
      "no-ed25519",
      () => vi.spyOn(crypto.subtle, "generateKey").mockRejectedValueOnce(new DOMException("no", "NotSupportedError")),
      createMemoryKeys(),
    ],
    ["no-storage", () => {}, { ...createMemoryKeys(), load: () => Promise.reject(new Error("denied")) }],
  ])("says why it cannot be one: %s", async (obstacle, prepare, keys) => {
    prepare();
    await expect(openDevice("http://10.0.0.1:18789", keys)).rejects.toMatchObject({
      name: "DeviceUnavailableError",
      obstacle,
    });
  });
});

describe("the token of a device", () => {
  test("T-A1: is found for its own gateway only", () => {
    const storage = createStorage();
    createDeviceTokens("https://gateway.example/a", storage).keep("t-1");
    expect(createDeviceTokens("wss://gateway.example/a/", storage).read()).toBe("t-1");
    for (const other of ["https://evil.example/a", "https://gateway.example:444/a", "https://gateway.example/"]) {
      expect(createDeviceTokens(other, storage).read()).toBeUndefined();
    }
    createDeviceTokens("https://gateway.example/a", storage).drop();
    expect(storage.length).toBe(0);
  });

  test("a browser without storage keeps none", () => {
    const tokens = createDeviceTokens("https://g", undefined);
    tokens.keep("t-1");
    tokens.drop();
    expect(tokens.read()).toBeUndefined();
  });

  test("comes for a one-time code, is shown next time, and goes when the gateway no longer takes it", async () => {
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    vi.stubGlobal("window", new EventTarget());
    await using server = await createScriptedServer();
    const deviceTokens = createDeviceTokens(server.url, createStorage());
    const device = await openDevice(server.url, createMemoryKeys());
    const own = { url: server.url, signDevice: device.sign, deviceTokens, reconnect: false };

    const first = createBrowserClient({ ...own, bootstrapToken: "code" });
    const connecting = first.connect();
    const auth = { role: "operator", scopes: [], deviceToken: "t-1" };
    const request = await (await server.accept()).welcome({ auth });
    await connecting;
    expect(request.params).toMatchObject({ auth: { bootstrapToken: "code" }, device: { id: device.id } });
    await first.close();
    expect(deviceTokens.read()).toBe("t-1");

    const second = createBrowserClient(own);
    const refused = rejectionOf(second.connect());
    const gateway = await server.accept();
    gateway.event("connect.challenge", { nonce: "n", ts: 1 });
    const shown = await gateway.receive("connect");
    expect(shown.params).toMatchObject({ auth: { token: "t-1" } });
    gateway.refuse(shown, { message: "unauthorized: token mismatch", details: { code: "AUTH_TOKEN_MISMATCH" } });
    const again = await server.accept();
    again.event("connect.challenge", { nonce: "n", ts: 1 });
    const bare = await again.receive("connect");
    expect(bare.params).not.toHaveProperty("auth");
    again.refuse(bare, { message: "unauthorized: token missing", details: { code: "AUTH_TOKEN_MISSING" } });
    await refused;
    expect(deviceTokens.read()).toBeUndefined();
  });
});
