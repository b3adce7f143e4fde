import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { createNodeClient, openWsSocket } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import { deviceAuthPayload, type Scope } from "@openclaw-gateway/protocol";
import { token } from "./gateway-fixture.ts";

/** A telephone with a key of its own, by the name it gives itself. */
export function createTelephone(origin: string, displayName: string) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(12);
  const id = createHash("sha256").update(raw).digest("hex");
  return (scopes: Scope[]): GatewayClient =>
    createNodeClient({
      url: origin.replace("http", "ws"),
      token,
      reconnect: false,
      scopes,
      client: { id: "openclaw-ios", mode: "ui", version: "1", displayName },
      openSocket: openWsSocket,
      signDevice: (challenge) => ({
        id,
        publicKey: raw.toString("base64url"),
        signature: sign(null, Buffer.from(deviceAuthPayload.v3({ ...challenge, deviceId: id })), privateKey).toString(
          "base64url",
        ),
        signedAt: challenge.signedAtMs,
        ...(challenge.nonce !== undefined && { nonce: challenge.nonce }),
      }),
    });
}
