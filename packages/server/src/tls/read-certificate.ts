import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { errorCode } from "../platform/error-code.ts";

/** Where certificate, key and, for an own authority, its certificate lie. */
export type CertificateFiles = { certPath: string; keyPath: string; caPath?: string | undefined };

/** A certificate that fits its key. */
export type Certificate = {
  context: SecureContextOptions;
  /** SHA-256 of the certificate, lower-case hex without colons. */
  fingerprint: string;
  notAfterMs: number;
  /** Whether anything but this gateway may have made it; only its own ones are replaced. */
  isOwn: boolean;
};

/** What is wrong, with the key of the configuration that leads to it. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly field: "certPath" | "keyPath" | "caPath";
  readonly isMissing: boolean;
  constructor(
    field: CertificateError["field"],
    message: string,
    { isMissing = false, cause }: { isMissing?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.field = field;
    this.isMissing = isMissing;
  }
}

const ownSubject = "CN=OpenClaw Gateway";

/** Reads the files and proves that they can serve: readable, PEM, the key's own certificate, not expired. */
export async function readCertificate(files: CertificateFiles, nowMs: number): Promise<Certificate> {
  // One after the other: of two missing files the same one is always named.
  const cert = await read("certPath", files.certPath);
  const key = await read("keyPath", files.keyPath);
  const ca = files.caPath === undefined ? undefined : await read("caPath", files.caPath);
  const leaf = parse("certPath", files.certPath, "certificate", () => new X509Certificate(cert));
  const secret = parse("keyPath", files.keyPath, "private key without a passphrase", (): KeyObject =>
    createPrivateKey(key),
  );
  if (!leaf.checkPrivateKey(secret)) {
    throw new CertificateError(
      "keyPath",
      `the key ${files.keyPath} does not belong to the certificate ${files.certPath}`,
    );
  }
  const notAfterMs = leaf.validToDate.getTime();
  if (notAfterMs <= nowMs) {
    throw new CertificateError(
      "certPath",
      `the certificate ${files.certPath} expired on ${leaf.validToDate.toISOString()}`,
    );
  }
  const context = { cert, key, ...(ca !== undefined && { ca }), minVersion: "TLSv1.2" } as const;
  const [field, path] =
    ca === undefined ? (["certPath", files.certPath] as const) : (["caPath", files.caPath ?? ""] as const);
  parse(field, path, "chain of certificates", () => createSecureContext(context));
  return {
    context,
    fingerprint: leaf.fingerprint256.replaceAll(":", "").toLowerCase(),
    notAfterMs,
    isOwn: leaf.subject === ownSubject && leaf.issuer === ownSubject,
  };
}

async function read(field: CertificateError["field"], path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = errorCode(error);
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    const what = isMissing ? "does not exist" : `cannot be read (${code ?? String(error)}); check its permissions`;
    throw new CertificateError(field, `${path} ${what}`, { isMissing, cause: error });
  }
}

/** The causes quote what they could not read, and that may be a key: they are not passed on. */
function parse<T>(field: CertificateError["field"], path: string, what: string, make: () => T): T {
  try {
    return make();
  } catch {
    throw new CertificateError(field, `${path} holds no ${what} in PEM form`);
  }
}
