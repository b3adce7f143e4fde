import type { AuditEvent, AuditKind } from "@openclaw-gateway/protocol";

/** Every kind of the audit log, in words. */
export const kindNames: Readonly<Record<AuditKind, string>> = {
  gateway: "Gateway",
  connection: "Connections",
  access: "Refused calls",
  device: "Devices",
  node: "Nodes",
  config: "Configuration",
  approval: "Command approvals",
  agent: "Agents",
  session: "Sessions",
};

/** Who did it: the gateway itself, a name with its address, or what is known. */
export function actorText({ type, name, id, address }: AuditEvent["actor"]): string {
  if (type === "system") return "the gateway";
  const who = name ?? id ?? (type === "unknown" ? "somebody" : type);
  const through = type === "agent" ? `an agent for ${who}` : who;
  return address === undefined ? through : `${through} from ${address}`;
}

/** Details as short lines; lists stay lists. */
export function detailLines(detail: AuditEvent["detail"]): readonly (readonly [name: string, value: string])[] {
  return Object.entries(detail ?? {}).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(wordOf).join(", ") : wordOf(value),
  ]);
}

const wordOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
