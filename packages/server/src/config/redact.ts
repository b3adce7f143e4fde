import { redactedMark } from "@openclaw-gateway/protocol";

/** Names under which secrets are kept. Numbers are never secrets, so limits such as `maxTokens` stay readable. */
const secretName = /(token|password|passwd|passphrase|secret|api[-_]?key|private[-_]?key|credential|authorization|cookie|bearer)s?$/i;
const userinfo = /^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/i;

const isSecretName = (name: string): boolean => secretName.test(name);

/** A copy with every secret replaced by the mark, in objects and arrays, and in addresses that carry a password. */
export function redactConfig(value: unknown, isSecret = false): unknown {
  if (typeof value === "string") {
    if (isSecret) return value === "" ? value : redactedMark;
    return value.replace(userinfo, `$1${redactedMark}@`);
  }
  if (Array.isArray(value)) return value.map((member) => redactConfig(member, isSecret));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactConfig(member, isSecret || isSecretName(key))]));
}
