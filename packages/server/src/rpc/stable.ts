/**
 * Answers that stay the same between changes (lists, history pages, configuration) are encoded once. A capability marks
 * the object it will hand out again; whoever encodes it finds the text of the last time. The object must not change.
 */
const texts = new WeakMap<object, { json: string | undefined }>();

export function stable<T extends object>(value: T): T {
  texts.set(value, { json: undefined });
  return value;
}

/** `JSON.stringify`, but at most once for a stable object. */
export function encodeJson(value: unknown): string {
  if (value === undefined) return "null";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const known = texts.get(value);
  if (known === undefined) return JSON.stringify(value);
  known.json ??= JSON.stringify(value);
  return known.json;
}
