import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const approvals = { since: 4, role: "operator", scope: "operator.approvals" } as const;
const Pending = z.looseObject({ id: z.string() });

/** Decisions that wait for a person. */
export const approvalsMethods = {
  "exec.approval.list": {
    description: "Commands that wait for a decision.",
    ...approvals,
    params: z.object({}),
    result: z.array(Pending),
  },
  "plugin.approval.list": {
    description: "Actions of plugins that wait for a decision.",
    ...approvals,
    params: z.object({}),
    result: z.array(Pending),
  },
  "openclaw.approval.list": {
    description: "Changes to the gateway itself that wait for a decision.",
    ...approvals,
    params: z.object({}),
    result: z.array(Pending),
  },
  "question.list": {
    description: "Questions of agents that wait for an answer.",
    since: 4,
    role: "operator",
    scope: "operator.questions",
    params: z.object({}),
    result: z.object({ questions: z.array(Pending) }),
  },
} satisfies MethodGroup;
