import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";
import { TranscriptMessage } from "./messages.ts";
import { ModelChoice } from "./models.ts";

const text = z.string().min(1);

/** An attachment; `content` is base64. */
export const ChatAttachment = z.looseObject({
  type: z.string().optional(),
  mimeType: z.string().optional(),
  fileName: z.string().optional(),
  content: z.unknown().optional(),
});
export type ChatAttachment = z.output<typeof ChatAttachment>;

const InFlightRun = z.object({ runId: z.string(), text: z.string(), startedAt: z.int() });

/** Messages that wait for their turn: accepted and on disk, but not in the transcript yet. The oldest first. */
export const PendingInputs = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      runId: z.string(),
      message: TranscriptMessage,
      acceptedAt: z.int(),
      state: z.literal("queued"),
    }),
  ),
  total: z.int(),
});

/** Stored messages with, for protocol 4, where they stand in the transcript. */
export const ChatHistory = z.looseObject({
  sessionKey: z.string(),
  sessionId: z.string().optional(),
  messages: z.array(TranscriptMessage),
  thinkingLevel: z.string().optional(),
  verboseLevel: z.string().optional(),
  /** Whether there are older messages. */
  hasMore: z.boolean().optional(),
  totalMessages: z.int().optional(),
  /** The `offset` of the next older page. */
  nextOffset: z.int().optional(),
  /** The `before` of the next older page, and the `after` of the next newer one. */
  olderCursor: z.string().optional(),
  newerCursor: z.string().optional(),
  pendingInputs: PendingInputs.optional(),
  inFlightRun: InFlightRun.optional(),
});
export type ChatHistory = z.output<typeof ChatHistory>;

/** Which messages; at most one of `offset`, `before`, `after`, `messageId`. The newest when none is given. */
const historyParams = {
  sessionKey: text,
  limit: z.int().min(1).max(1000).optional(),
  /** Newest messages left out. */
  offset: z.int().min(0).optional(),
  /** `olderCursor` of an earlier answer. */
  before: text.optional(),
  /** `newerCursor` of an earlier answer. */
  after: text.optional(),
  /** The page around this message. */
  messageId: text.optional(),
  /** One that the session had before a reset; otherwise the current one is read. */
  sessionId: text.optional(),
  /** Bytes that the messages of the page may have; one message always comes. */
  maxBytes: z.int().min(1).optional(),
};

export const ChatAck = z.looseObject({
  runId: z.string().optional(),
  status: z.enum(["started", "in_flight", "ok", "error"]).optional(),
  summary: z.string().optional(),
  ok: z.boolean().optional(),
  aborted: z.boolean().optional(),
  runIds: z.array(z.string()).optional(),
});

/** A word that, sent as a message, is answered by the gateway. */
export const CommandDescription = z.looseObject({
  name: z.string(),
  nativeName: z.string().optional(),
  textAliases: z.array(z.string()).optional(),
  description: z.string(),
  category: z.string().optional(),
  source: z.enum(["native", "skill", "plugin"]),
  scope: z.enum(["text", "native", "both"]),
  acceptsArgs: z.boolean(),
  args: z
    .array(
      z.looseObject({
        name: z.string(),
        description: z.string(),
        type: z.string(),
        required: z.boolean().optional(),
        choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
      }),
    )
    .optional(),
});

export const chatMethods = {
  "chat.send": {
    description: "Send a message to a session. Answered at once; the reply arrives as `chat` and `agent` events.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({
      sessionKey: text,
      message: z.string(),
      thinking: z.string().optional(),
      deliver: z.boolean().optional(),
      attachments: z.array(ChatAttachment).optional(),
      /** Milliseconds the run may take. */
      timeoutMs: z.int().min(0).optional(),
      /** What becomes of the message when the session is busy; the session's own setting when absent. */
      queueMode: z.enum(["queue", "followup", "collect", "steer", "interrupt"]).optional(),
      /** The message is for the agent even when it looks like a command. */
      suppressCommandInterpretation: z.boolean().optional(),
      idempotencyKey: text,
    }),
    result: ChatAck,
  },
  "chat.history": {
    description:
      "A page of a session's messages, oldest first: the newest, those before or after a cursor, or those around one message. An unknown session has none.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject(historyParams),
    result: ChatHistory,
  },
  "chat.message.get": {
    description: "One stored message, whole: also what pages only refer to.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({
      sessionKey: text,
      messageId: text,
      /** One that the session had before a reset. */
      sessionId: text.optional(),
      /** Characters the message may have as JSON; half a million unless given. */
      maxChars: z.int().min(1).max(2_000_000).optional(),
    }),
    result: z.looseObject({
      ok: z.boolean(),
      message: TranscriptMessage.optional(),
      unavailableReason: z.enum(["not_found", "oversized", "not_visible"]).optional(),
    }),
  },
  "chat.output.get": {
    description:
      "A range of a tool's output that messages and events only refer to. Ranges never part a character; read on at `nextOffset`.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({
      sessionKey: text,
      /** `id` of the reference. */
      id: text,
      /** One that the session had before a reset. */
      sessionId: text.optional(),
      /** Bytes of UTF-8. */
      offset: z.int().min(0).optional(),
      limit: z.int().min(4).max(1_048_576).optional(),
    }),
    result: z.looseObject({
      id: z.string(),
      kind: z.enum(["text", "json", "image"]),
      /** Of the whole. */
      bytes: z.int(),
      offset: z.int(),
      text: z.string(),
      nextOffset: z.int().optional(),
    }),
  },
  "chat.abort": {
    description: "Stop one run, or every run of a session. What was written so far is kept.",
    since: 3,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({ sessionKey: text, runId: text.optional() }),
    result: z.object({ ok: z.literal(true), aborted: z.boolean(), runIds: z.array(z.string()) }),
  },
  "chat.inject": {
    description: "Append a message to a transcript as the gateway, without running the agent.",
    since: 3,
    role: "operator",
    scope: "operator.admin",
    hidden: true,
    params: z.strictObject({
      sessionKey: text,
      message: text,
      label: z.string().max(100).optional(),
      /** Older clients say it; the message is the assistant's in any case. */
      role: z.literal("assistant").optional(),
    }),
    aliases: { content: "message" },
    result: z.object({ ok: z.literal(true), messageId: z.string() }),
  },
  "chat.startup": {
    description: "What a chat page needs to open: the history of one session with its row.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object(historyParams),
    result: ChatHistory,
  },
  "chat.metadata": {
    description: "What a chat page offers beside the messages: models and commands.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ agentId: text.optional(), sessionKey: text.optional() }),
    result: z.looseObject({ models: z.array(ModelChoice), commands: z.array(CommandDescription) }),
  },
  "commands.list": {
    description: "The commands that the gateway answers itself when they are sent as a message.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({
      agentId: text.optional(),
      scope: z.enum(["text", "native", "both"]).optional(),
      includeArgs: z.boolean().optional(),
    }),
    result: z.looseObject({ commands: z.array(CommandDescription) }),
  },
} satisfies MethodGroup;

const run = { runId: z.string(), sessionKey: z.string(), agentId: z.string().optional(), seq: z.int() };
const Message = z.looseObject({ role: z.string(), content: z.array(z.looseObject({})), timestamp: z.int() });

/** `deltaText` is what was added; `message` is the whole text so far. Terminal states: final, aborted, error. */
export const ChatEvent = z.discriminatedUnion("state", [
  z.object({ ...run, state: z.literal("status"), phase: z.string() }),
  z.object({
    ...run,
    state: z.literal("delta"),
    deltaText: z.string(),
    message: Message,
    replace: z.literal(true).optional(),
  }),
  z.object({ ...run, state: z.literal("final"), message: Message.optional(), stopReason: z.string().optional() }),
  z.object({
    ...run,
    state: z.literal("aborted"),
    message: Message.optional(),
    stopReason: z.string().optional(),
    errorMessage: z.string().optional(),
  }),
  z.object({
    ...run,
    state: z.literal("error"),
    errorMessage: z.string().optional(),
    errorKind: z.enum(["refusal", "timeout", "rate_limit", "context_length", "unknown"]).optional(),
  }),
]);
export type ChatEvent = z.output<typeof ChatEvent>;

export const chatEvents = {
  chat: {
    description: "Progress of a run as text: status, delta, final, aborted, error.",
    since: 1,
    scope: "operator.read",
    payload: ChatEvent,
  },
} satisfies EventGroup;
