import { isDeepStrictEqual } from "node:util";
import { redactConfig } from "./redact.ts";
import type { ConfigContent } from "./write.ts";

/**
 * Puts the secrets back that somebody was shown redacted and has sent back so. Members of lists are found again by what
 * they look like, by their id or name, or by their place. A mark that stands for nothing stays, and is refused when the
 * result is checked.
 */
export function restoreRedacted(sent: ConfigContent, before: ConfigContent): ConfigContent {
  return restore(sent, redactConfig(before), before) as ConfigContent;
}

/** `shown` is what `before` looked like. */
function restore(sent: unknown, shown: unknown, before: unknown): unknown {
  if (isDeepStrictEqual(sent, shown)) return before;
  if (Array.isArray(sent) && Array.isArray(shown) && Array.isArray(before)) {
    return sent.map((member: unknown, index) => {
      const place = placeOf(member, index, sent, shown);
      return place < 0 ? member : restore(member, shown[place], before[place]);
    });
  }
  if (!isRecord(sent) || !isRecord(shown) || !isRecord(before)) return sent;
  return Object.fromEntries(
    Object.entries(sent).map(([name, member]) => [
      name,
      Object.hasOwn(before, name) ? restore(member, shown[name], before[name]) : member,
    ]),
  );
}

/** Where a member of a list stood before; -1 for one that is new. */
function placeOf(member: unknown, index: number, sent: readonly unknown[], shown: readonly unknown[]): number {
  const same = isDeepStrictEqual(member, shown[index])
    ? index
    : shown.findIndex((other) => isDeepStrictEqual(member, other));
  if (same >= 0) return same;
  const name = nameOf(member);
  if (name !== undefined) return shown.findIndex((other) => nameOf(other) === name);
  return sent.length === shown.length ? index : -1;
}

function nameOf(member: unknown): unknown {
  return isRecord(member) ? (member["id"] ?? member["name"]) : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
