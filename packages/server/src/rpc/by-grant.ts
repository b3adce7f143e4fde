import type { Dialect } from "@openclaw-gateway/protocol";
import type { Principal } from "./principal.ts";

/** Scopes are what clients write; this many different grants are remembered. */
const maxKept = 64;

/**
 * Remembers what follows from dialect, role and scopes alone (the methods somebody may call, the events somebody may
 * see), so that a thousand connections of one kind share one answer. It must not be changed.
 */
export function createByGrant<Answer>(build: (dialect: Dialect, principal: Principal) => Answer): typeof build {
  const kept = new Map<string, Answer>();
  return (dialect, principal) => {
    const key = JSON.stringify([dialect.version, principal.role, principal.scopes]);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const answer = build(dialect, principal);
    if (kept.size >= maxKept) kept.clear();
    kept.set(key, answer);
    return answer;
  };
}
