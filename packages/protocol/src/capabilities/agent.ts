import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";
import { ChatAttachment } from "./chat.ts";

const text = z.string().min(1);

export const agentMethods = {
  agent: {
    description: "Run a turn of an agent. Answers `accepted` at once and the result when the turn ends.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({
      message: text,
      agentId: text.optional(),
      to: z.string().optional(),
      replyTo: z.string().optional(),
      sessionId: z.string().optional(),
      sessionKey: z.string().optional(),
      thinking: z.string().optional(),
      deliver: z.boolean().optional(),
      attachments: z.array(ChatAttachment).optional(),
      channel: z.string().optional(),
      replyChannel: z.string().optional(),
      accountId: z.string().optional(),
      replyAccountId: z.string().optional(),
      threadId: z.string().optional(),
      groupId: z.string().optional(),
      groupChannel: z.string().optional(),
      groupSpace: z.string().optional(),
      /** Seconds the turn may take. */
      timeout: z.int().min(0).optional(),
      lane: z.string().optional(),
      extraSystemPrompt: z.string().optional(),
      idempotencyKey: text,
      label: z.string().min(1).max(64).optional(),
      spawnedBy: z.string().optional(),
    }),
    accepted: z.looseObject({
      runId: z.string(),
      status: z.literal("accepted"),
      acceptedAt: z.int(),
      sessionKey: z.string().optional(),
      agentId: z.string().optional(),
    }),
    result: z.looseObject({
      runId: z.string(),
      status: z.enum(["ok", "accepted", "error", "in_flight"]),
      summary: z.string().optional(),
      result: z
        .looseObject({
          payloads: z.array(z.looseObject({ text: z.string().optional(), mediaUrl: z.string().nullable() })),
          meta: z.looseObject({ durationMs: z.int(), aborted: z.boolean() }),
        })
        .optional(),
    }),
  },
  "agent.wait": {
    description: "Wait until a run ends, for at most `timeoutMs`.",
    since: 1,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({ runId: text, timeoutMs: z.int().min(0).optional() }),
    result: z.looseObject({
      runId: z.string(),
      status: z.enum(["ok", "error", "timeout"]),
      startedAt: z.int().optional(),
      endedAt: z.int().optional(),
      error: z.string().optional(),
    }),
  },
} satisfies MethodGroup;

/** One step of a run. `seq` counts the steps of the run; `data` depends on `stream`. */
export const AgentEvent = z.looseObject({
  runId: z.string(),
  seq: z.int(),
  stream: z.string(),
  ts: z.int(),
  data: z.record(z.string(), z.unknown()),
  sessionKey: z.string().optional(),
  sessionId: z.string().optional(),
  agentId: z.string().optional(),
});
export type AgentEvent = z.output<typeof AgentEvent>;

export const agentEvents = {
  agent: {
    description: "Steps of a run: lifecycle, assistant, reasoning, tool.",
    since: 3,
    scope: "operator.read",
    payload: AgentEvent,
  },
} satisfies EventGroup;
