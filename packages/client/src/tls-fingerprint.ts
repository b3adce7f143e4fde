/**
 * The one form of a SHA-256 certificate fingerprint: 64 lower-case hex digits. Takes it with or without colons, in either
 * case, with `sha256:`, `SHA256=` or OpenSSL's `sha256 Fingerprint=` before it. Throws `TypeError` for anything else.
 */
export function normalizeTlsFingerprint(text: string): string {
  const bare = text.trim().replace(/^sha-?256\s*(?:fingerprint)?\s*[:=]?\s*/i, "");
  const hex = bare.replaceAll(/[:\s]/g, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new TypeError("not a SHA-256 certificate fingerprint: 64 hex digits, with or without colons");
}
