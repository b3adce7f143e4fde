import { z } from "zod";
import type { MethodGroup } from "../define.ts";
import { ChatAck, ChatAttachment, ChatHistory } from "./chat.ts";
import { sessionsMethods } from "./sessions.ts";

const text = z.string().min(1);

/**
 * Names that some clients put on the wire beside those of the protocol. Each stands for one method, is not advertised and
 * takes what those clients send; members it does not know are dropped.
 */
export const compatMethods = {
  sessions_list: {
    description: "`sessions.list` under the name of an agent tool.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.object({
      limit: z.int().min(1).optional(),
      activeMinutes: z.int().min(1).optional(),
      /** Only sessions of these kinds; names that are no kind of a session match none. */
      kinds: z.array(z.string()).optional(),
    }),
    result: sessionsMethods["sessions.list"].result,
  },
  sessions_send: {
    description:
      "`chat.send` under the name of an agent tool. Without an `idempotencyKey` every call is a new message.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    hidden: true,
    params: z.object({
      sessionKey: text,
      message: z.string(),
      attachments: z.array(ChatAttachment).optional(),
      thinking: z.string().optional(),
      idempotencyKey: text.optional(),
    }),
    result: ChatAck,
  },
  sessions_history: {
    description: "`chat.history` under the name of an agent tool.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.object({ sessionKey: text, limit: z.int().min(1).max(1000).optional() }),
    result: ChatHistory,
  },
  sessions_kill: {
    description: "`chat.abort` under the name of an agent tool.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    hidden: true,
    params: z.object({ sessionKey: text }),
    result: z.object({ ok: z.literal(true), aborted: z.boolean(), runIds: z.array(z.string()) }),
  },
  subscribe: {
    description: "Changes nothing: every client is sent the events it may see.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.object({ event: z.string().optional() }),
    result: z.object({ ok: z.literal(true) }),
  },
  unsubscribe: {
    description: "Changes nothing: every client is sent the events it may see.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.object({ event: z.string().optional() }),
    result: z.object({ ok: z.literal(true) }),
  },
  ping: {
    description: "Answered at once, for clients that keep their connection only as long as it is.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    hidden: true,
    params: z.object({}),
    result: z.object({ ok: z.literal(true), ts: z.int() }),
  },
} satisfies MethodGroup;
