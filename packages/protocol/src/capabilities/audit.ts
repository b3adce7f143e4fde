import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** Everything the audit log tells, with how it ended. The part before the first dot is the kind. */
export const auditActions = {
  "gateway.started": "succeeded",
  "gateway.stopped": "succeeded",
  "connection.opened": "succeeded",
  "connection.refused": "blocked",
  "access.denied": "blocked",
  "device.pairing.requested": "started",
  "device.pairing.approved": "succeeded",
  "device.pairing.rejected": "blocked",
  "device.paired": "succeeded",
  "device.renamed": "succeeded",
  "device.removed": "succeeded",
  "device.token.issued": "succeeded",
  "device.token.rotated": "succeeded",
  "device.token.revoked": "succeeded",
  "device.code.issued": "succeeded",
  "node.pairing.requested": "started",
  "node.pairing.approved": "succeeded",
  "node.pairing.rejected": "blocked",
  "node.removed": "succeeded",
  "node.renamed": "succeeded",
  "config.changed": "succeeded",
  "approval.requested": "started",
  "approval.allowed": "succeeded",
  "approval.denied": "blocked",
  "approval.expired": "blocked",
  "approval.policy.changed": "succeeded",
  "agent.created": "succeeded",
  "agent.updated": "succeeded",
  "agent.deleted": "succeeded",
  "session.reset": "succeeded",
  "session.deleted": "succeeded",
} as const satisfies Record<string, "started" | "succeeded" | "blocked">;
export type AuditAction = keyof typeof auditActions;

type KindOf<Action> = Action extends `${infer Kind}.${string}` ? Kind : never;
export type AuditKind = KindOf<AuditAction>;
const isNew = <T>(value: T, index: number, all: readonly T[]): boolean => all.indexOf(value) === index;
const actionNames = Object.keys(auditActions) as AuditAction[];
export const auditKindOf = (action: AuditAction): AuditKind => action.split(".", 1)[0] as AuditKind;
export const auditKinds: readonly AuditKind[] = actionNames.map(auditKindOf).filter(isNew);

/** One row. Times are milliseconds since the epoch; `sequence` only ever grows. Never holds a secret or any content. */
export const AuditEvent = z.looseObject({
  sequence: z.int(),
  occurredAt: z.int(),
  kind: z.string(),
  action: z.string(),
  status: z.enum(["started", "succeeded", "blocked"]),
  /** `system` is the gateway itself, `agent` a call that an agent caused. */
  actor: z.looseObject({
    type: z.enum(["device", "client", "agent", "system", "unknown"]),
    id: z.string().optional(),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  /** What was acted on: an agent, a session, a device, a method, a request. */
  subject: z.string().optional(),
  /** How often it happened since `firstAt`; the same again and again is one row. */
  count: z.int(),
  firstAt: z.int().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type AuditEvent = z.output<typeof AuditEvent>;

export const auditMethods = {
  "audit.list": {
    description: "The audit log, newest first: who connected, was refused, paired, changed or approved something.",
    since: 4,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({
      kind: z.enum(auditKinds).optional(),
      action: z.enum(actionNames).optional(),
      status: z.enum(["started", "succeeded", "blocked"]).optional(),
      /** The id of who did it. */
      actor: z.string().min(1).optional(),
      subject: z.string().min(1).optional(),
      /** Inclusive bounds, milliseconds since the epoch. */
      after: z.int().optional(),
      before: z.int().optional(),
      limit: z.int().min(1).max(500).default(100),
      /** `nextCursor` of the page before. */
      cursor: z.int().min(1).optional(),
    }),
    result: z.looseObject({ events: z.array(AuditEvent), nextCursor: z.int().optional() }),
  },
} satisfies MethodGroup;
