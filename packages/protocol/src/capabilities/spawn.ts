import { z } from "zod";
import { amount } from "../amount.ts";
import type { MethodGroup } from "../define.ts";

const text = z.string().min(1);

const params = z.object({
  /** What the sub-agent is to do. Without one its session waits for the first message. */
  task: text.optional(),
  label: z.string().min(1).max(64).optional(),
  /** Whose workspace and settings the sub-agent has; the parent's agent unless given. */
  agentId: text.optional(),
  /** `provider/id` or an alias. */
  model: text.optional(),
  thinking: z.string().min(1).optional(),
  /** Seconds the sub-agent may take; 0 sets no limit. */
  timeout: amount().min(0).optional(),
  /** What becomes of its session when its end has been reported. */
  cleanup: z.enum(["keep", "delete"]).optional(),
  /** USD that its model calls may cost in all, those of its own sub-agents included. */
  budget: amount().positive().optional(),
  /** The session that is told of the end; the main session of the default agent unless given. */
  parentSessionKey: text.optional(),
  idempotencyKey: text.optional(),
});

const aliases = {
  runTimeoutSeconds: "timeout",
  timeoutSeconds: "timeout",
  budgetUsd: "budget",
  message: "task",
  spawnedBy: "parentSessionKey",
};

const result = z.looseObject({
  ok: z.literal(true),
  /** `created` when there was no task. */
  status: z.enum(["accepted", "created"]),
  childSessionKey: z.string(),
  /** The same key, for clients that look for it here. */
  sessionKey: z.string(),
  /** Missing when the call is repeated and the session has been cleaned up since. */
  sessionId: z.string().optional(),
  parentSessionKey: z.string(),
  runId: z.string().optional(),
  label: z.string().optional(),
});

/** Work that is given away to a session of its own. */
export const spawnMethods = {
  "sessions.spawn": {
    description:
      "Start a sub-agent in a session of its own. Answers at once; when the sub-agent ends, its parent session is told, once.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    params,
    aliases,
    result,
  },
  sessions_spawn: {
    description: "`sessions.spawn` under the name of an agent tool.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    hidden: true,
    params,
    aliases,
    result,
  },
} satisfies MethodGroup;
