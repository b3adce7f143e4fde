import type { SessionRow } from "@openclaw-gateway/protocol";

/** A session with those that were started from it. */
export type SessionNode = { session: SessionRow; children: SessionNode[] };

/** Who started a session, as its row says. */
const parentOf = (row: SessionRow): string | undefined => {
  const parent = row["parentSessionKey"] ?? row["spawnedBy"];
  return typeof parent === "string" && parent !== row.key ? parent : undefined;
};

/** Sessions under the sessions that started them, in the order of the list. Whose parent is not listed stands alone. */
export function treeOf(rows: readonly SessionRow[]): SessionNode[] {
  const nodes = new Map(rows.map((session): [string, SessionNode] => [session.key, { session, children: [] }]));
  const roots: SessionNode[] = [];
  for (const [key, node] of nodes) {
    const parent = parentOf(node.session);
    const above = parent === undefined ? undefined : nodes.get(parent);
    // Rows that name each other in a ring would be nowhere.
    if (above && !leadsBackTo(key, parent)) above.children.push(node);
    else roots.push(node);
  }
  return roots;

  function leadsBackTo(key: string, from: string | undefined): boolean {
    const seen = new Set<string>();
    for (let at = from; at !== undefined && !seen.has(at);) {
      if (at === key) return true;
      seen.add(at);
      const next = nodes.get(at);
      at = next && parentOf(next.session);
    }
    return false;
  }
}
