import { Secret } from "../platform/secret.ts";

type Content = Readonly<Record<string, unknown>>;

/** Levels of names that are told. Below them a name may be anybody's, such as that of a header or a variable. */
const toldLevels = 4;

/** Names of what differs, as `gateway.auth.token` or `agents.list`; a list is one thing. Never what they hold. */
export function changedKeys(before: Content, after: Content, path = "", level = 1): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (isSame(old, now)) return [];
    const at = path === "" ? name : `${path}.${name}`;
    // A branch that came or went is told by its keys too.
    const branches = [old ?? {}, now ?? {}];
    const [from, to] = branches;
    return level < toldLevels && isRecord(from) && isRecord(to) && (isRecord(old) || isRecord(now))
      ? changedKeys(from, to, at, level + 1)
      : [at];
  });
}

/** Deeply; secrets are compared by what they hold, which no generic comparison sees. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Secret || b instanceof Secret)
    return a instanceof Secret && b instanceof Secret && a.equals(b.reveal());
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((member: unknown, index) => isSame(member, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
}

const isRecord = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
