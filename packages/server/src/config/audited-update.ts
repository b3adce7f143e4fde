import { isDeepStrictEqual } from "node:util";
import type { Audit } from "../audit/audit.ts";
import type { ConfigContent, UpdateConfig } from "./write.ts";

/** A writer of the configuration that also tells the audit log who changed which keys; never what they hold. */
export function auditedUpdate(update: UpdateConfig, audit: Audit): UpdateConfig {
  return async (change, options = {}) => {
    let keys: string[] = [];
    const result = await update((before) => {
      const after = change(before);
      keys = changedKeys(before, after);
      return after;
    }, options);
    if (keys.length > 0)
      await audit.record({ action: "config.changed", by: options.by ?? "gateway", detail: { keys } });
    return result;
  };
}

/** Levels of names that are told. Below them a name may be anybody's, such as that of a header or a variable. */
const toldLevels = 4;

/** Names of what differs, as `gateway.auth.token` or `agents.list`; a list is one thing. */
export function changedKeys(before: ConfigContent, after: ConfigContent, path = "", level = 1): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (isDeepStrictEqual(old, now)) return [];
    const at = path === "" ? name : `${path}.${name}`;
    return level < toldLevels && isRecord(old) && isRecord(now) ? changedKeys(old, now, at, level + 1) : [at];
  });
}

const isRecord = (value: unknown): value is ConfigContent =>
  typeof value === "object" && value !== null && !Array.isArray(value);
