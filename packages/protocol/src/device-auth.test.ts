import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type DeviceAuthClaims, deviceAuthPayload } from "./device-auth.ts";

const claims: DeviceAuthClaims = {
  deviceId: "d1",
  clientId: "cli",
  clientMode: "cli",
  role: "operator",
  scopes: ["operator.write", "operator.read"],
  signedAtMs: 1_700_000_000_000,
  token: "t0k",
  nonce: "n1",
  platform: " Linux ",
  deviceFamily: "iPhone Ä",
};

describe("what a device signs", () => {
  test("version 1 has no nonce", () => {
    expect(deviceAuthPayload.v1(claims)).toBe("v1|d1|cli|cli|operator|operator.write,operator.read|1700000000000|t0k");
  });

  test("version 2 adds the nonce", () => {
    expect(deviceAuthPayload.v2(claims)).toBe(
      "v2|d1|cli|cli|operator|operator.write,operator.read|1700000000000|t0k|n1",
    );
  });

  test("version 3 adds platform and family, trimmed, their ASCII letters lower-cased", () => {
    expect(deviceAuthPayload.v3(claims)).toBe(
      "v3|d1|cli|cli|operator|operator.write,operator.read|1700000000000|t0k|n1|linux|iphone Ä",
    );
  });

  test("absent parts are empty", () => {
    const { deviceId, clientId, clientMode, role, signedAtMs } = claims;
    const bare: DeviceAuthClaims = { deviceId, clientId, clientMode, role, scopes: [], signedAtMs, token: "" };
    expect(deviceAuthPayload.v1(bare)).toBe("v1|d1|cli|cli|operator||1700000000000|");
    expect(deviceAuthPayload.v3(bare)).toBe("v3|d1|cli|cli|operator||1700000000000||||");
  });
});

/** Signatures recorded on the wire; `as` is the form that was signed, `none` where the signature was spoilt on purpose. */
type Vector = {
  transcript: string;
  connection: string;
  as: "v1" | "v2" | "none";
  publicKey: string;
  signature: string;
  claims: DeviceAuthClaims;
};
const vectors = JSON.parse(readFileSync(new URL("recorded-signatures.json", import.meta.url), "utf8")) as Vector[];
const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

describe("recorded signatures", () => {
  test.each(vectors.map((vector) => [vector.transcript, vector.connection, vector.as, vector] as const))(
    "%s, %s: %s",
    (_transcript, _connection, as, { publicKey, signature, claims: recorded }) => {
      const raw = Buffer.from(publicKey, "base64url");
      expect(createHash("sha256").update(raw).digest("hex")).toBe(recorded.deviceId);
      const key = createPublicKey({ key: Buffer.concat([ed25519Prefix, raw]), format: "der", type: "spki" });
      const forms = (["v1", "v2", "v3"] as const).filter((form) =>
        verify(null, Buffer.from(deviceAuthPayload[form](recorded), "utf8"), key, Buffer.from(signature, "base64url")),
      );
      expect(forms).toEqual(as === "none" ? [] : [as]);
    },
  );
});
