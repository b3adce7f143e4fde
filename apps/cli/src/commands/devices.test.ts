import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { createNodeClient, type NodeClientOptions, openWsSocket } from "@openclaw-gateway/client";
import { deviceAuthPayload } from "@openclaw-gateway/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createInstallation, type TestInstallation } from "../testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let installation: TestInstallation;
let url: string;
let token: string;
beforeAll(async () => {
  installation = await createInstallation();
  await installation.startGateway();
  url = /ws:\/\/127\.0\.0\.1:\d+\//.exec((await installation.run(["gateway", "status"])).stdout)?.[0] ?? "";
  token = (await installation.run(["gateway", "token"])).stdout.trim();
});
afterAll(() => installation[Symbol.asyncDispose]());

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const raw = publicKey.export({ type: "spki", format: "der" }).subarray(12);
const deviceId = createHash("sha256").update(raw).digest("hex");

/** The client of a telephone that comes in under another name than this machine's, so that it is no local one. */
function telephone(over: Partial<NodeClientOptions> = {}) {
  return createNodeClient({
    url,
    token,
    reconnect: false,
    scopes: ["operator.read"],
    client: { id: "openclaw-ios", mode: "ui", version: "1", displayName: "Phone\u202e of Ada" },
    openSocket: openWsSocket,
    signDevice: (challenge) => {
      const signature = sign(null, Buffer.from(deviceAuthPayload.v3({ ...challenge, deviceId })), privateKey);
      return {
        id: deviceId,
        publicKey: raw.toString("base64url"),
        signature: signature.toString("base64url"),
        signedAt: challenge.signedAtMs,
        ...(challenge.nonce !== undefined && { nonce: challenge.nonce }),
      };
    },
    ...over,
  });
}

const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await installation.run(["devices", ...args]);
  expect({ code, stderr }, args.join(" ")).toEqual({ code: 0, stderr: "" });
  return stdout;
};

test("a device is listed, asks for more, is approved, renamed, revoked and removed", async () => {
  expect(await run()).toContain("No device is paired");
  const first = telephone();
  await first.connect();
  await first.close();
  expect(await run("list")).toMatch(
    new RegExp(`^${deviceId.slice(0, 8)} +Phone of Ada +operator +operator\\.read`, "m"),
  );
  const greedy = telephone({ scopes: ["operator.read", "operator.write"] });
  await expect(greedy.connect()).rejects.toThrow(/pairing required/);
  await greedy.close();
  const waiting = /devices approve (\w+)/.exec(await run("list"))?.[1] ?? "";
  expect(await run("approve", waiting)).toBe("Phone of Ada is paired as operator: operator.read operator.write\n");
  expect(await run("rename", deviceId.slice(0, 6), "Ada's", "phone")).toContain("is called Ada's phone");
  const rotated = await installation.run(["devices", "rotate", deviceId]);
  expect(rotated.stdout).toMatch(/^ocd_[\w-]+\n$/);
  expect(await run("revoke", "--device", deviceId, "--role", "operator")).toContain("operator no more");
  expect(await run("list")).toContain("operator (revoked)");
  expect(await run("remove", deviceId.slice(0, 8))).toContain("Removed");
  expect(await run("list")).toContain("No device is paired");
  const code = await installation.run(["devices", "setup-code"]);
  expect(JSON.parse(Buffer.from(code.stdout.trim(), "base64url").toString("utf8"))).toEqual({
    url: url.replace(/\/$/, ""),
    bootstrapToken: expect.stringMatching(/^ocs_/),
  });
}, 120_000);

test("what is not there is said, with the way to it", async () => {
  const nobody = await installation.run(["devices", "approve", "nope"]);
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining("no such request waits") });
  const which = await installation.run(["devices", "approve"]);
  expect(which).toMatchObject({ code: 2, stderr: expect.stringContaining("--latest") });
  const unknown = await installation.run(["devices", "revoke", "zz", "--json"]);
  expect(unknown.code).toBe(1);
  expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { message: 'no device begins with "zz"' } });
});
