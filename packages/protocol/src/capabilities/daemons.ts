import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";
import { ChatAttachment } from "./chat.ts";
import { TranscriptMessage } from "./messages.ts";

const text = z.string().min(1);
const count = z.int().min(0);

/** Characters of one piece of text or of one tool result. */
const maxTextLength = 1_000_000;
const content = z.array(z.looseObject({ type: z.literal("text"), text: z.string().max(maxTextLength) })).max(100);
const ToolResult = z.object({ content, details: z.unknown().optional() });
const tool = { toolCallId: text, name: text };
const Model = z.object({ provider: text, id: text });

/** What a daemon says of a turn, in order. `end` or `error` is the last. The gateway writes the transcript from it. */
export const TurnReport = z.discriminatedUnion("type", [
  z.object({ type: z.literal("model"), model: Model }),
  z.object({ type: z.literal("text"), delta: z.string().max(maxTextLength) }),
  z.object({ type: z.literal("reasoning"), delta: z.string().max(maxTextLength) }),
  z.object({ type: z.literal("tool-start"), ...tool, args: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ type: z.literal("tool-update"), ...tool, partialResult: ToolResult }),
  z.object({ type: z.literal("tool-end"), ...tool, isError: z.boolean().default(false), result: ToolResult }),
  z.object({
    type: z.literal("usage"),
    /** Tokens of one model call. */
    input: count,
    output: count,
    cacheRead: count.default(0),
    cacheWrite: count.default(0),
    /** Millionths of a US dollar; absent when nobody knows. */
    costMicroUsd: count.optional(),
    /** Size of the context after the call. */
    contextTokens: count.optional(),
    model: Model.optional(),
  }),
  z.object({ type: z.literal("end"), stopReason: z.enum(["stop", "length"]).default("stop") }),
  z.object({
    type: z.literal("error"),
    message: z.string().min(1).max(10_000),
    kind: z.enum(["refusal", "timeout", "rate_limit", "context_length", "unknown"]).default("unknown"),
  }),
]);
export type TurnReport = z.output<typeof TurnReport>;
/** What a daemon writes: fields with defaults may be left out. */
export type TurnReportInput = z.input<typeof TurnReport>;

/** What a program does that runs agents of its own for the gateway. It connects with the role `agent`. */
export const daemonsMethods = {
  "agent.serve": {
    description:
      "Serve these agents from now on, in place of what this connection served before; an empty list serves none. Whoever served one of them until now is told.",
    since: 3,
    role: "agent",
    params: z.strictObject({ agentIds: z.array(text).max(100) }),
    result: z.object({ agentIds: z.array(z.string()) }),
  },
  "agent.turn.report": {
    description:
      "Tell what a turn does. `seq` counts the reports of a run from 0; the same one again changes nothing. Answered when the gateway has taken the events; `over` when the turn has ended.",
    since: 3,
    role: "agent",
    params: z.strictObject({ runId: text, seq: count, events: z.array(TurnReport).min(1).max(500) }),
    result: z.object({ state: z.enum(["running", "over"]) }),
  },
} satisfies MethodGroup;

export const daemonsEvents = {
  "agent.turn.requested": {
    description: "A turn for an agent that this daemon serves. The user's message is the last one.",
    since: 3,
    roles: ["agent"],
    unnumbered: true,
    payload: z.looseObject({
      runId: z.string(),
      agentId: z.string(),
      sessionKey: z.string(),
      sessionId: z.string(),
      /** Oldest first; the newest that fit. */
      messages: z.array(TranscriptMessage),
      /** Images and files of the user's message. */
      attachments: z.array(ChatAttachment),
      /** `provider/id` chosen for the session. */
      model: z.string().optional(),
      thinking: z.string().optional(),
      extraSystemPrompt: z.string().optional(),
      /** Names of tools the turn may use. */
      allowedTools: z.union([z.literal("all"), z.array(z.string())]),
    }),
  },
  "agent.turn.aborted": {
    description: "Stop this turn; what is reported after it is not kept.",
    since: 3,
    roles: ["agent"],
    unnumbered: true,
    payload: z.object({ runId: z.string(), reason: z.string() }),
  },
  "agent.serve.ended": {
    description: "Another daemon serves these agents now. Turns that run already are still yours.",
    since: 3,
    roles: ["agent"],
    unnumbered: true,
    payload: z.object({ agentIds: z.array(z.string()), reason: z.enum(["replaced"]) }),
  },
} satisfies EventGroup;
