import { methodGroups } from "@openclaw-gateway/protocol";
import type { AuditStore } from "../../audit/audit.store.ts";
import { implement } from "../../rpc/handler.ts";

export function createAuditLog({ list }: Pick<AuditStore, "list">) {
  return implement(methodGroups.audit, {
    "audit.list": async ({ limit, ...filter }) => {
      // One more than asked tells whether there are more.
      const found = await list({ ...filter, limit: limit + 1 });
      const events = found.slice(0, limit);
      const last = events.at(-1);
      return { events, ...(found.length > limit && last && { nextCursor: last.sequence }) };
    },
  });
}
