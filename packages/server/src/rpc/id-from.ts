import { createHash } from "node:crypto";

/** The same id for the same call, so that one that was cut off before its answer was kept finds again what it began. */
export function idFrom(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
