import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  type ConnectParams,
  type DeviceAuthClaims,
  deviceAuthPayload,
  GatewayError,
  type SignedNames,
} from "@openclaw-gateway/protocol";

type Device = NonNullable<ConnectParams["device"]>;

/** How far the clock of a device may be off, in either direction. */
const maxSkewMs = 600_000;
/** DER prefix of a raw Ed25519 public key (RFC 8410). */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Checks that a device holds its key and answered this connection's challenge. Throws the recorded refusals. */
export function verifyDevice(
  params: ConnectParams,
  device: Device,
  context: { nonce: string; nowMs: number; isLocal: boolean; signed?: SignedNames | undefined },
): void {
  const key = readPublicKey(device.publicKey);
  if (!key || fingerprint(key.raw) !== device.id)
    throw refusal("device identity mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH");
  if (Math.abs(context.nowMs - device.signedAt) > maxSkewMs)
    throw refusal("device signature expired", "DEVICE_AUTH_SIGNATURE_EXPIRED");
  if (device.nonce !== undefined && device.nonce !== context.nonce)
    throw refusal("device nonce mismatch", "DEVICE_AUTH_NONCE_MISMATCH");
  const claims: DeviceAuthClaims = {
    deviceId: device.id,
    clientId: context.signed?.clientId ?? params.client.id,
    clientMode: context.signed?.clientMode ?? params.client.mode,
    role: params.role ?? "operator",
    scopes: params.scopes ?? [],
    signedAtMs: device.signedAt,
    token: params.auth?.token ?? params.auth?.deviceToken ?? params.auth?.bootstrapToken ?? "",
    ...(device.nonce !== undefined && { nonce: device.nonce }),
    platform: params.client.platform,
    ...(params.client.deviceFamily !== undefined && { deviceFamily: params.client.deviceFamily }),
  };
  const isSigned = (form: (claims: DeviceAuthClaims) => string, what: DeviceAuthClaims = claims): boolean =>
    verify(null, Buffer.from(form(what), "utf8"), key.object, Buffer.from(device.signature, "base64url"));
  if (context.signed?.nonceAsToken && isSigned(deviceAuthPayload.v1, { ...claims, token: context.nonce })) return;
  if (device.nonce === undefined && !context.isLocal)
    throw refusal("device nonce required", "DEVICE_AUTH_NONCE_REQUIRED");
  const forms = device.nonce === undefined ? [deviceAuthPayload.v1] : [deviceAuthPayload.v3, deviceAuthPayload.v2];
  if (!forms.some((form) => isSigned(form))) throw refusal("device signature invalid", "DEVICE_AUTH_SIGNATURE_INVALID");
}

function readPublicKey(text: string): { raw: Buffer; object: KeyObject } | undefined {
  const raw = Buffer.from(text, "base64url");
  if (raw.length !== 32) return undefined;
  return { raw, object: createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" }) };
}

const fingerprint = (raw: Buffer): string => createHash("sha256").update(raw).digest("hex");

const refusal = (message: string, code: string): GatewayError =>
  new GatewayError("INVALID_REQUEST", message, { details: { code } });
