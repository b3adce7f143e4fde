export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value behind a chain of keys, or undefined where the chain breaks. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}

export const textAt = (value: unknown, ...keys: readonly (string | number)[]): string | undefined => {
  const found = at(value, ...keys);
  return typeof found === "string" ? found : undefined;
};
