import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { type DeviceAuthClaims, deviceAuthPayload } from "@openclaw-gateway/protocol";
import { at, isObject, type JsonObject, textAt } from "./json.ts";

type Form = keyof typeof deviceAuthPayload;
type KeyPair = { privateKey: KeyObject; raw: Buffer; id: string };

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Keys of our own in the place of recorded devices, whose private keys nobody has. */
export function createDeviceKeys() {
  const pairs = new Map<string, KeyPair>();

  function pairOf(recordedKey: string): KeyPair {
    let pair = pairs.get(recordedKey);
    if (!pair) {
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const raw = publicKey.export({ type: "spki", format: "der" }).subarray(spkiPrefix.length);
      pairs.set(recordedKey, (pair = { privateKey, raw, id: createHash("sha256").update(raw).digest("hex") }));
    }
    return pair;
  }

  /**
   * The `device` of a connect request, made anew: our key, this connection's nonce, a time as far from the challenge as
   * in the recording. What was wrong on purpose (id, key, nonce, signature) stays wrong.
   */
  function renew(
    recorded: JsonObject,
    sent: JsonObject,
    challenge: { recordedNonce: string | undefined; nonce: string; recordedTs: number; ts: number },
  ): JsonObject {
    const device = recorded["device"];
    if (!isObject(device)) return sent;
    const publicKey = textAt(device, "publicKey") ?? "";
    const isScrubbed = publicKey.startsWith("<");
    const recordedRaw = isScrubbed ? undefined : Buffer.from(publicKey, "base64url");
    if (recordedRaw && recordedRaw.length !== 32) return sent;
    const pair = pairOf(recordedRaw?.toString("hex") ?? textAt(device, "id") ?? publicKey);
    const hasOwnId =
      isScrubbed ||
      textAt(device, "id") ===
        createHash("sha256")
          .update(recordedRaw ?? "")
          .digest("hex");
    const encoding = publicKey.includes("=") || publicKey.includes("+") ? "base64" : "base64url";
    const signedAt = Number(device["signedAt"]) - challenge.recordedTs + challenge.ts;
    const nonce = device["nonce"] === challenge.recordedNonce ? challenge.nonce : textAt(device, "nonce");
    const renewed: JsonObject = {
      ...device,
      id: hasOwnId ? pair.id : device["id"],
      publicKey: pair.raw.toString(encoding),
      signedAt,
      ...(device["nonce"] !== undefined && { nonce }),
    };
    const form = isScrubbed ? "v3" : formOf(recorded, recordedRaw ?? Buffer.alloc(0));
    const params = { ...sent, device: renewed };
    if (form) {
      const payload = deviceAuthPayload[form](claimsOf(params));
      renewed["signature"] = sign(null, Buffer.from(payload, "utf8"), pair.privateKey).toString(encoding);
    }
    return params;
  }

  return { renew };
}

/** Which form the recorded signature covers, if any. */
function formOf(params: JsonObject, raw: Buffer): Form | undefined {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" });
  const signature = Buffer.from(textAt(params, "device", "signature") ?? "", "base64url");
  const claims = claimsOf(params);
  return (["v3", "v2", "v1"] as const).find((form) =>
    verify(null, Buffer.from(deviceAuthPayload[form](claims), "utf8"), key, signature),
  );
}

function claimsOf(params: JsonObject): DeviceAuthClaims {
  const auth = params["auth"];
  const nonce = textAt(params, "device", "nonce");
  const family = textAt(params, "client", "deviceFamily");
  return {
    deviceId: textAt(params, "device", "id") ?? "",
    clientId: textAt(params, "client", "id") ?? "",
    clientMode: textAt(params, "client", "mode") ?? "",
    role: textAt(params, "role") ?? "operator",
    scopes: (params["scopes"] as readonly string[] | undefined) ?? [],
    signedAtMs: Number(at(params, "device", "signedAt")),
    token: textAt(auth, "token") ?? textAt(auth, "deviceToken") ?? textAt(auth, "bootstrapToken") ?? "",
    ...(nonce !== undefined && { nonce }),
    platform: textAt(params, "client", "platform") ?? "",
    ...(family !== undefined && { deviceFamily: family }),
  };
}
