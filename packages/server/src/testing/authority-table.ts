import { insideMethods, methods, type MethodSpec, type Role } from "@openclaw-gateway/protocol";

/** Scopes that are enough for a method that needs the key; written out, not asked of the code under test. */
export const enough: Readonly<Record<string, readonly string[]>> = {
  "operator.admin": ["operator.admin"],
  "operator.read": ["operator.read", "operator.write", "operator.admin"],
  "operator.write": ["operator.write", "operator.admin"],
  "operator.approvals": ["operator.approvals", "operator.admin"],
  "operator.pairing": ["operator.pairing", "operator.admin"],
  "operator.questions": ["operator.questions", "operator.admin"],
  "operator.talk": ["operator.talk", "operator.write", "operator.admin"],
  "operator.talk.secrets": ["operator.talk.secrets", "operator.admin"],
};

/** How a decision reads on the wire, or `allowed`. */
export function expected(spec: MethodSpec | undefined, role: Role, granted: readonly string[]): string {
  if (spec && spec.role !== "operator") return spec.role === role ? "allowed" : `unauthorized role: ${role}`;
  if (role !== "operator") return `unauthorized role: ${role}`;
  const needed = spec ? spec.scope : "operator.admin";
  if (needed !== undefined && !enough[needed]!.some((scope) => granted.includes(scope)))
    return `missing scope: ${needed}`;
  return spec ? "allowed" : "unknown method";
}

const specs = new Map<string, MethodSpec>(Object.entries({ ...methods, ...insideMethods }));

/** The method with any name: of the catalogue, or one that no socket has. */
export const specOf = (name: string): MethodSpec | undefined => specs.get(name);

export const subsets = (all: readonly string[]): string[][] =>
  all.reduce<string[][]>((sets, each) => [...sets, ...sets.map((set) => [...set, each])], [[]]);

/** What an answer says about the right to ask; parameters that fit no method keep every handler from running. */
export const decisionOf = (answer: { error?: { message: string } }): string => {
  const message = answer.error?.message ?? "";
  if (/^(missing scope|unauthorized role): /.test(message)) return message;
  return message.startsWith("unknown method") ? "unknown method" : "allowed";
};
