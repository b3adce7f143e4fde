const secretName = /token|password|secret|signature|apikey|api_key|authorization|credential/i;
/** Counts of tokens are no secrets. */
const countName = /tokens$/i;

/** The same value with every secret replaced; for debugging output only. */
export function redactSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === "string" && secretName.test(name) && !countName.test(name)
        ? "[redacted]"
        : redactSecrets(member),
    ]),
  );
}

/** A frame as one line without secrets. Text that is no JSON is only counted. */
export function describeFrame(text: string): string {
  try {
    return JSON.stringify(redactSecrets(JSON.parse(text)));
  } catch {
    return `(${text.length} characters that are not JSON)`;
  }
}
