import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";

const text = z.string().min(1);
const optionalText = z.string().nullable().optional();
const approver = { since: 3, role: "operator", scope: "operator.approvals" } as const;
const approverOf4 = { ...approver, since: 4 } as const;
const admin = { since: 3, role: "operator", scope: "operator.admin" } as const;

/** What commands may run at all, from nothing to everything. */
export const execSecurities = ["deny", "allowlist", "full"] as const;
/** When a person is asked. */
export const execAsks = ["off", "on-miss", "always"] as const;
/** The answers a person can give. */
export const approvalDecisions = ["allow-once", "allow-always", "deny"] as const;
export type ApprovalDecision = (typeof approvalDecisions)[number];

const ExecPolicyFields = {
  security: z.enum(execSecurities).optional(),
  ask: z.enum(execAsks).optional(),
  /** What may run when nobody answers; never more than the allow-list covers. */
  askFallback: z.enum(execSecurities).optional(),
  autoAllowSkills: z.boolean().optional(),
};

export const AllowlistEntry = z.looseObject({
  id: z.string().optional(),
  /** Path of a program, with `*`, `**` and `?`. */
  pattern: z.string(),
  /** Only these exact words; without it the entry covers every use of the program. */
  argv: z.array(z.string()).optional(),
  /** `allow-always` when a person's answer made the entry. */
  source: z.string().optional(),
  createdAtMs: z.int().optional(),
  expiresAtMs: z.int().optional(),
  lastUsedAt: z.int().optional(),
  lastUsedCommand: z.string().optional(),
  lastResolvedPath: z.string().optional(),
});
export type AllowlistEntry = z.output<typeof AllowlistEntry>;

/** The content of `exec-approvals.json`. Members of other versions are kept. */
export const ExecApprovalsFile = z.looseObject({
  version: z.literal(1).meta({ type: "integer" }),
  socket: z.looseObject({ path: z.string().optional(), token: z.string().optional() }).optional(),
  defaults: z.looseObject(ExecPolicyFields).optional(),
  agents: z
    .record(z.string(), z.looseObject({ ...ExecPolicyFields, allowlist: z.array(AllowlistEntry).optional() }))
    .optional(),
});
export type ExecApprovalsFile = z.output<typeof ExecApprovalsFile>;

export const ExecApprovalsSnapshot = z.looseObject({
  path: z.string(),
  exists: z.boolean(),
  hash: z.string(),
  file: ExecApprovalsFile,
  /** What holds for an agent that neither the file nor the configuration says anything about. */
  resolvedDefaults: z
    .looseObject({ security: z.string(), ask: z.string(), askFallback: z.string(), autoAllowSkills: z.boolean() })
    .optional(),
});

/** What a person is asked to decide about. */
const ApprovalSubject = z.looseObject({
  command: z.string(),
  commandArgv: z.array(z.string()).optional(),
  cwd: z.string().nullable(),
  host: z.string().nullable(),
  security: z.string().nullable(),
  ask: z.string().nullable(),
  agentId: z.string().nullable(),
  resolvedPath: z.string().nullable(),
  sessionKey: z.string().nullable(),
  /** Environment the caller sets beside the gateway's own. */
  env: z.record(z.string(), z.string()).optional(),
  /** Why a person is asked. */
  warningText: z.string().nullable().optional(),
  /** Answers that are not possible for this command. */
  unavailableDecisions: z.array(z.string()).optional(),
});
export type ApprovalSubject = z.output<typeof ApprovalSubject>;

const times = { createdAtMs: z.number(), expiresAtMs: z.number() };
export const PendingApproval = z.looseObject({ id: z.string(), request: ApprovalSubject, ...times });
export type PendingApproval = z.output<typeof PendingApproval>;

const decided = {
  status: z.enum(["pending", "approved", "denied", "expired", "cancelled"]),
  decision: z.enum(approvalDecisions).nullable(),
  resolvedBy: z.string().nullable(),
  resolvedAtMs: z.number().nullable(),
};
const Approval = PendingApproval.extend(decided);
const Decision = z.looseObject({ id: z.string(), decision: z.enum(approvalDecisions).nullable(), ...times });
const Grant = z.looseObject({
  id: z.string(),
  agentId: z.string(),
  pattern: z.string(),
  argv: z.array(z.string()).optional(),
  createdAtMs: z.int().optional(),
  expiresAtMs: z.int().optional(),
  lastUsedAtMs: z.int().optional(),
});

const FileUpdate = { file: ExecApprovalsFile, baseHash: z.string().optional() };
const Resolve = z.strictObject({
  id: text,
  decision: z.string(),
  /** How long `allow-always` lasts; for ever without it. */
  grantExpiresInDays: z.int().min(1).max(3650).optional(),
  /** Accepted from newer clients; who decides is taken from the connection. */
  reviewer: z.unknown().optional(),
});
const Resolved = z.object({ ok: z.literal(true) });
const node = { nodeId: text };

/** Decisions that wait for a person, and the policy that says when one is asked. */
export const approvalsMethods = {
  "exec.approvals.get": {
    description: "The policy of commands: the approvals file and its hash.",
    ...admin,
    since: 1,
    params: z.strictObject({}),
    result: ExecApprovalsSnapshot,
  },
  "exec.approvals.set": {
    description: "Replaces the policy of commands, when it is still the one with `baseHash`.",
    ...admin,
    since: 1,
    params: z.strictObject(FileUpdate),
    result: ExecApprovalsSnapshot,
  },
  "exec.approvals.node.get": {
    description: "The policy of commands on a node.",
    ...admin,
    params: z.strictObject(node),
    result: ExecApprovalsSnapshot,
  },
  "exec.approvals.node.set": {
    description: "Replaces the policy of commands on a node.",
    ...admin,
    params: z.strictObject({ ...node, ...FileUpdate }),
    result: ExecApprovalsSnapshot,
  },
  "exec.approvals.list": {
    description: "`exec.approval.list` under the name some clients use.",
    ...approver,
    hidden: true,
    params: z.strictObject({}),
    result: z.object({ approvals: z.array(PendingApproval) }),
  },
  "exec.approvals.resolve": {
    description: "`exec.approval.resolve` under the name some clients use; `approved` may stand for the decision.",
    ...approver,
    hidden: true,
    aliases: { approvalId: "id" },
    params: z.strictObject({ ...Resolve.shape, decision: z.string().optional(), approved: z.boolean().optional() }),
    result: Resolved,
  },
  "exec.approvals.overrides": {
    description: "What agents have of their own in the policy of commands.",
    ...admin,
    hidden: true,
    params: z.strictObject({}),
    result: z.object({ hash: z.string(), overrides: z.record(z.string(), z.looseObject({})) }),
  },
  "exec.approvals.overrides.set": {
    description: "Replaces what agents have of their own in the policy of commands.",
    ...admin,
    hidden: true,
    params: z.strictObject({
      overrides: z.record(
        z.string(),
        z.looseObject({ ...ExecPolicyFields, allowlist: z.array(AllowlistEntry).optional() }),
      ),
      baseHash: z.string().optional(),
    }),
    result: z.object({ hash: z.string(), overrides: z.record(z.string(), z.looseObject({})) }),
  },
  "exec.approval.request": {
    description:
      "Asks a person about a command. Answered when somebody decided or the time is over (`decision: null`).",
    ...approver,
    since: 1,
    forAgents: true,
    params: z.strictObject({
      id: text.optional(),
      command: text,
      commandArgv: z.array(z.string()).min(1).max(4096).optional(),
      cwd: optionalText,
      host: optionalText,
      security: optionalText,
      ask: optionalText,
      agentId: optionalText,
      resolvedPath: optionalText,
      sessionKey: optionalText,
      env: z.record(z.string(), z.string()).nullable().optional(),
      warningText: optionalText,
      timeoutMs: z
        .int()
        .min(1)
        .max(24 * 60 * 60 * 1000)
        .optional(),
      /** Answer twice: when the request is there to be decided, then with the decision. */
      twoPhase: z.boolean().optional(),
    }),
    accepted: z.object({ status: z.literal("accepted"), id: z.string(), ...times }),
    result: Decision,
  },
  "exec.approval.waitDecision": {
    description: "Waits for the decision about a request.",
    ...approverOf4,
    params: z.strictObject({ id: text, timeoutMs: z.int().min(0).optional() }),
    result: Decision,
  },
  "exec.approval.resolve": {
    description: "Decides about a request; the first answer counts.",
    ...approver,
    since: 1,
    params: Resolve,
    result: Resolved,
  },
  "exec.approval.get": {
    description: "One request with its state.",
    ...approverOf4,
    params: z.strictObject({ id: text }),
    result: Approval,
  },
  "exec.approval.list": {
    description: "Commands that wait for a decision.",
    ...approverOf4,
    params: z.strictObject({}),
    result: z.array(PendingApproval),
  },
  "exec.approval.grants.list": {
    description: "What people allowed always.",
    ...approverOf4,
    params: z.strictObject({}),
    result: z.object({ grants: z.array(Grant) }),
  },
  "approval.history": {
    description: "Requests that were decided or expired, the newest first.",
    ...approverOf4,
    params: z.strictObject({ limit: z.int().min(1).max(500).optional() }),
    result: z.object({ items: z.array(Approval) }),
  },
  "plugin.approval.list": {
    description: "Actions of plugins that wait for a decision.",
    ...approverOf4,
    params: z.strictObject({}),
    result: z.array(z.looseObject({ id: z.string() })),
  },
  "openclaw.approval.list": {
    description: "Changes to the gateway itself that wait for a decision.",
    ...approverOf4,
    params: z.strictObject({}),
    result: z.array(z.looseObject({ id: z.string() })),
  },
  "question.list": {
    description: "Questions of agents that wait for an answer.",
    since: 4,
    role: "operator",
    scope: "operator.questions",
    params: z.strictObject({}),
    result: z.object({ questions: z.array(z.looseObject({ id: z.string() })) }),
  },
} satisfies MethodGroup;

export const approvalsEvents = {
  "exec.approval.requested": {
    description: "A command waits for a decision.",
    since: 3,
    scope: "operator.approvals",
    payload: PendingApproval,
  },
  "exec.approval.resolved": {
    description: "A request was decided, or cancelled by the gateway.",
    since: 3,
    scope: "operator.approvals",
    payload: z.object({
      id: z.string(),
      decision: z.enum(approvalDecisions),
      resolvedBy: z.string().nullable(),
      ts: z.number(),
    }),
  },
} satisfies EventGroup;
