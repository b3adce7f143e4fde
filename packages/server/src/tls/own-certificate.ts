// @peculiar/x509 finds its parts through it.
import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** The longest time for which today's browsers and phones take a certificate that a person has trusted. */
const validForMs = 825 * 24 * 60 * 60_000;
/** Clocks of clients may be behind. */
const backdatedMs = 60 * 60_000;

/** A certificate of this gateway for these names and addresses, with its key, as PEM. */
export async function makeCertificate(names: readonly string[], nowMs: number): Promise<{ cert: string; key: string }> {
  const { subtle } = globalThis.crypto;
  const keys = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
  // Positive and never the same: clients that have stored one tell the next apart by it.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString("hex"),
    name: "CN=OpenClaw Gateway",
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + validForMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ("dns" as const) : ("ip" as const), value: name })),
      ),
    ],
  });
  const pkcs8 = Buffer.from(await subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const key = `-----BEGIN PRIVATE KEY-----\n${(pkcs8.match(/.{1,64}/g) ?? []).join("\n")}\n-----END PRIVATE KEY-----\n`;
  return { cert: `${certificate.toString("pem")}\n`, key };
}
