import { randomUUID } from "node:crypto";
import type { AllowlistEntry, ExecApprovalsFile } from "@openclaw-gateway/protocol";
import type { Grantable } from "../../approvals/approvals-store.ts";
import type { ApprovalsFile } from "../../exec/approvals-file.ts";

/** Marks entries that a person's answer made. */
const source = "allow-always";
const dayMs = 24 * 60 * 60 * 1000;

/** Puts exactly what was approved on the agent's allow-list: this file, these words. */
export async function addGrant(
  file: ApprovalsFile,
  { agentId, pattern, argv }: Grantable,
  { now, days }: { now: number; days: number | undefined },
): Promise<void> {
  await file.update((current) => {
    const agent = current.agents?.[agentId] ?? {};
    const others = (agent.allowlist ?? []).filter(
      (entry) => !(entry.pattern === pattern && JSON.stringify(entry.argv) === JSON.stringify(argv)),
    );
    const entry: AllowlistEntry = {
      id: randomUUID(),
      pattern,
      argv: [...argv],
      source,
      createdAtMs: now,
      ...(days !== undefined && { expiresAtMs: now + days * dayMs }),
    };
    return { ...current, agents: { ...current.agents, [agentId]: { ...agent, allowlist: [...others, entry] } } };
  });
}

export function grantsOf({ agents = {} }: ExecApprovalsFile) {
  return Object.entries(agents).flatMap(([agentId, { allowlist = [] }]) =>
    allowlist.flatMap((entry) => {
      if (entry.source !== source || entry.id === undefined) return [];
      const { id, pattern, argv, createdAtMs, expiresAtMs, lastUsedAt } = entry;
      return [
        {
          id,
          agentId,
          pattern,
          ...(argv && { argv }),
          ...(createdAtMs !== undefined && { createdAtMs }),
          ...(expiresAtMs !== undefined && { expiresAtMs }),
          ...(lastUsedAt !== undefined && { lastUsedAtMs: lastUsedAt }),
        },
      ];
    }),
  );
}
