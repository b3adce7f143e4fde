import type { Audit } from "../audit/audit.ts";
import { changedKeys } from "./changed-keys.ts";
import type { UpdateConfig } from "./write.ts";

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
