import { expect, test } from "vitest";
import { createNodeClient } from "./node-client.ts";
import { normalizeTlsFingerprint } from "./tls-fingerprint.ts";

const hex = "0123456789abcdef".repeat(4);
const colons = (hex.match(/../g) ?? []).join(":");

test.each([
  hex,
  hex.toUpperCase(),
  colons,
  colons.toUpperCase(),
  `sha256:${hex}`,
  `SHA256:${colons}`,
  `SHA-256=${hex}`,
  `sha256 Fingerprint=${colons.toUpperCase()}`,
  ` ${hex} `,
])("%s is a fingerprint", (text) => expect(normalizeTlsFingerprint(text)).toBe(hex));

test.each(["", hex.slice(2), `${hex}00`, `sha1:${hex.slice(24)}`, hex.replace("0", "g"), "sha256:"])(
  "%j is none",
  (text) => expect(() => normalizeTlsFingerprint(text)).toThrow("not a SHA-256 certificate fingerprint"),
);

test("T-F5: a pin and an address without TLS do not go together", () => {
  expect(() => createNodeClient({ url: "ws://127.0.0.1:1", tlsFingerprint: hex })).toThrow(
    "needs a wss:// or https://",
  );
  expect(() => createNodeClient({ url: "wss://127.0.0.1:1", tlsFingerprint: "nonsense" })).toThrow("not a SHA-256");
});
