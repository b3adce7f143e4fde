/** Who a connection is: one that steers the gateway, a machine that offers commands to it, or a daemon that runs agents for it. */
export const roles = ["operator", "node", "agent"] as const;
export type Role = (typeof roles)[number];

/** Every scope of protocol 4; protocol 3 clients know the first five. */
export const scopes = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.questions",
  "operator.talk",
  "operator.talk.secrets",
] as const;
export type Scope = (typeof scopes)[number];

/** Scopes whose methods settle who may do what, or hand out secrets: no call that an agent caused may use them. */
export const protectingScopes: ReadonlySet<Scope> = new Set<Scope>([
  "operator.admin",
  "operator.approvals",
  "operator.pairing",
  "operator.questions",
  "operator.talk.secrets",
]);

// A map, not an object: clients choose the names that are looked up here.
const implied: ReadonlyMap<string, readonly Scope[]> = new Map<string, readonly Scope[]>([
  ["operator.admin", scopes],
  ["operator.write", ["operator.read", "operator.talk"]],
]);

/** Whether holding `granted` satisfies `needed`: admin implies all, write implies read and talk. */
export function hasScope(granted: readonly string[], needed: Scope): boolean {
  for (const scope of granted) {
    if (scope === needed || implied.get(scope)?.includes(needed)) return true;
  }
  return false;
}

export const isScope = (value: string): value is Scope => (scopes as readonly string[]).includes(value);

/** Whether `granted` holds everything in `needed`. A name that is no scope grants nothing, so anybody may hold it. */
export const coversScopes = (granted: readonly string[], needed: readonly string[]): boolean =>
  needed.every((scope) => !isScope(scope) || hasScope(granted, scope));
