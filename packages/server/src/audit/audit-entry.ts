import type { AuditAction, AuditEvent } from "@openclaw-gateway/protocol";
import { redactText, redactValue } from "../platform/redaction.ts";
import type { CallerConnection } from "../rpc/handler.ts";
import type { Principal } from "../rpc/principal.ts";

/** Who did it: the context of a call as every handler has it, an address before anybody is known, or the gateway itself. */
export type AuditBy =
  | { principal: Principal; connection?: Pick<CallerConnection, "address"> }
  | { address: string; name?: string }
  | "gateway";

/** What happened. `detail` holds names, ids and numbers; never a value of the configuration, a command's output or a secret. */
export type AuditEntry = {
  action: AuditAction;
  by: AuditBy;
  /** What was acted on: an agent, a session, a device, a method, a request. */
  subject?: string;
  detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
};

export type AuditActor = AuditEvent["actor"];

const maxChars = 300;
const maxListed = 50;
const mark = "[secret]";

/** Free text comes from strangers too: short, on one line, without what has the shape of a secret. */
export const auditText = (text: string): string => {
  const line = redactText(text, mark).replace(/\p{Cc}+/gu, " ");
  return line.length > maxChars ? `${line.slice(0, maxChars)}…` : line;
};

export function actorOf(by: AuditBy): AuditActor {
  if (by === "gateway") return { type: "system" };
  if ("address" in by) return { type: "unknown", address: by.address, ...(by.name && { name: auditText(by.name) }) };
  const { principal, connection } = by;
  return {
    type: principal.causedByAgent ? "agent" : principal.deviceId === undefined ? "client" : "device",
    id: auditText(principal.id),
    name: auditText(principal.displayName),
    ...(connection && { address: connection.address }),
  };
}

export function detailOf({ detail }: AuditEntry): Record<string, unknown> | undefined {
  if (!detail) return undefined;
  const short = Object.entries(detail).map(([name, value]): [string, unknown] => {
    if (typeof value === "string") return [name, auditText(value)];
    if (typeof value !== "object") return [name, value];
    const listed = value.slice(0, maxListed).map(auditText);
    return [name, value.length > maxListed ? [...listed, `… ${value.length - maxListed} more`] : listed];
  });
  return redactValue(Object.fromEntries(short), mark) as Record<string, unknown>;
}
