import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { deviceAuthPayload } from "@openclaw-gateway/protocol";

type Asked = { role?: string; scopes?: readonly string[]; auth?: Record<string, string> };

/** A device with a key of its own, which signs what a client of its kind would. */
export function createTestDevice() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(12);
  const id = createHash("sha256").update(raw).digest("hex");
  const client = { id: "gateway-client", version: "1", platform: "test", mode: "backend" };
  return {
    id,
    /** Parameters of `connect`, signed for this challenge. */
    connectParams: (
      challenge: { nonce: string; ts: number },
      { role = "operator", scopes = ["operator.read"], auth = { token: "secret" } }: Asked = {},
    ) => {
      const claims = {
        deviceId: id,
        clientId: client.id,
        clientMode: client.mode,
        role,
        scopes,
        signedAtMs: challenge.ts,
        token: auth["token"] ?? auth["deviceToken"] ?? auth["bootstrapToken"] ?? "",
        nonce: challenge.nonce,
        platform: client.platform,
      };
      const signature = sign(null, Buffer.from(deviceAuthPayload.v3(claims)), privateKey).toString("base64url");
      const signed = {
        publicKey: raw.toString("base64url"),
        signature,
        signedAt: challenge.ts,
        nonce: challenge.nonce,
      };
      return { minProtocol: 3, maxProtocol: 4, client, role, scopes, auth, device: { id, ...signed } };
    },
  };
}
export type TestDevice = ReturnType<typeof createTestDevice>;
