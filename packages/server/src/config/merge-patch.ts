type Content = Readonly<Record<string, unknown>>;

/** RFC 7396: objects are merged, null takes away, everything else (lists too) takes the place of what was there. */
export function mergePatch(target: unknown, patch: Content): Record<string, unknown> {
  const merged = new Map<string, unknown>(isRecord(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, isRecord(value) ? mergePatch(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

const isRecord = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);
