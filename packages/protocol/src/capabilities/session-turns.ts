import { z } from "zod";
import type { MethodGroup } from "../define.ts";
import { ChatAck, ChatAttachment } from "./chat.ts";
import { TranscriptMessage } from "./messages.ts";
import { SessionEntry } from "./sessions.ts";

const text = z.string().min(1);
const label = z.string().min(1).max(64);

/** What a client does with one session of its own: begin it, speak into it, stop it, read it. */
export const sessionTurnsMethods = {
  "sessions.create": {
    description:
      "Create a session, or change the one that has the key already; with `message` its first turn starts. The same `idempotencyKey` again gets the first answer.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.object({
      key: text.optional(),
      agentId: text.optional(),
      label: label.optional(),
      /** `provider/id`. */
      model: text.optional(),
      parentSessionKey: text.optional(),
      message: z.string().optional(),
      attachments: z.array(ChatAttachment).optional(),
      thinking: z.string().optional(),
      idempotencyKey: text.optional(),
    }),
    result: z.looseObject({
      ok: z.literal(true),
      key: z.string(),
      sessionId: z.string(),
      entry: SessionEntry,
      runStarted: z.boolean(),
      resolved: z.object({ modelProvider: z.string().nullable(), model: z.string().nullable() }),
      runId: z.string().optional(),
      status: z.string().optional(),
      /** Position that the message will have in the transcript. */
      messageSeq: z.int().optional(),
    }),
  },
  "sessions.send": {
    description: "Send a message to a session: `chat.send` under a session key.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.object({
      key: text,
      message: z.string(),
      thinking: z.string().optional(),
      attachments: z.array(ChatAttachment).optional(),
      /** Milliseconds the run may take. */
      timeoutMs: z.int().min(0).optional(),
      idempotencyKey: text.optional(),
    }),
    result: ChatAck,
  },
  "sessions.abort": {
    description:
      "Stop one run, by its id alone or with its session, or every run of a session. What was written so far is kept.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.object({ key: text.optional(), runId: text.optional() }),
    result: z.object({
      ok: z.literal(true),
      status: z.enum(["aborted", "no-active-run"]),
      abortedRunId: z.string().nullable(),
      runIds: z.array(z.string()),
    }),
  },
  "sessions.search": {
    description:
      "Messages of users and agents that hold every word of a query, the best match first. The last word may be a beginning.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({
      query: z.string().min(1).max(4096),
      limit: z.int().min(1).max(200).optional(),
      agentId: text.optional(),
      /** Only in these sessions. */
      sessionKeys: z.array(text).min(1).max(200).optional(),
    }),
    result: z.looseObject({
      results: z.array(
        z.looseObject({
          sessionKey: z.string(),
          sessionId: z.string(),
          messageId: z.string(),
          role: z.string(),
          timestamp: z.int(),
          /** The place of the first word found, shortened on both sides. */
          snippet: z.string(),
          /** The higher the better the match; comparable within one answer. */
          score: z.number(),
        }),
      ),
    }),
  },
  "sessions.get": {
    description: "The newest messages of a session, oldest first. An unknown session has none.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.object({ key: text, limit: z.int().min(1).max(1000).optional() }),
    result: z.looseObject({ messages: z.array(TranscriptMessage) }),
  },
} satisfies MethodGroup;
