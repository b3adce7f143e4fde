import { z } from "zod";
import type { MethodGroup } from "../define.ts";
import { ChatAttachment, ChatHistory } from "./chat.ts";

const text = z.string().min(1);

/** A session by its key, or by the id that rows of `sessions.list` carry. An id that no session has counts as a key. */
const session = { sessionKey: text.optional(), sessionId: text.optional() };
const Accepted = z.object({ status: z.literal("accepted"), runId: z.string() });

/** Methods that protocol 1 has under the name of a later one, with parameters and answers of its own. */
export const protocolOneMethods = {
  "chat.send": {
    description:
      "Send a message to a session. Answered `accepted` at once, while the text comes as `chat.delta` events, and again with the whole message.",
    since: 1,
    until: 1,
    role: "operator",
    scope: "operator.write",
    params: z.object({
      ...session,
      message: z.string(),
      thinking: z.string().optional(),
      attachments: z.array(ChatAttachment).optional(),
      /** The same key again starts nothing and gets the same answers; without one every call is a new message. */
      idempotencyKey: text.optional(),
    }),
    accepted: Accepted,
    result: z.object({
      type: z.literal("message"),
      content: z.string(),
      runId: z.string().optional(),
      aborted: z.boolean().optional(),
    }),
  },
  "chat.history": {
    description: "The newest messages of a session, oldest first. An unknown session has none.",
    since: 1,
    until: 1,
    role: "operator",
    scope: "operator.read",
    params: z.object({ ...session, limit: z.int().min(1).max(1000).optional() }),
    result: ChatHistory,
  },
  "chat.abort": {
    description: "Stop one run, or every run of a session. What was written so far is kept.",
    since: 1,
    until: 1,
    role: "operator",
    scope: "operator.write",
    params: z.object({ ...session, runId: text.optional() }),
    result: z.object({ ok: z.literal(true), aborted: z.boolean(), runIds: z.array(z.string()) }),
  },
  agent: {
    description: "Run a turn of an agent. Answered `accepted` at once and with its text when the turn ends.",
    since: 1,
    until: 1,
    role: "operator",
    scope: "operator.write",
    params: z.object({
      ...session,
      message: text,
      agentId: text.optional(),
      thinking: z.string().optional(),
      attachments: z.array(ChatAttachment).optional(),
      /** Seconds the turn may take. */
      timeout: z.int().min(0).optional(),
      extraSystemPrompt: z.string().optional(),
      idempotencyKey: text.optional(),
    }),
    accepted: Accepted,
    result: z.object({ text: z.string(), runId: z.string(), status: z.string() }),
  },
} satisfies MethodGroup;
