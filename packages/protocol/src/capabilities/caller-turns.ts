import { z } from "zod";
import type { MethodGroup } from "../define.ts";
import { isWithinDepth } from "../depth.ts";

const text = z.string().min(1);

/** What one turn may bring of tools, and of everything that a caller writes for it. */
export const callerLimits = {
  tools: 128,
  /** Characters of one JSON Schema, written out. */
  schemaChars: 65_536,
  schemaDepth: 32,
  /** Characters of all descriptions and schemas of a turn. */
  toolsChars: 262_144,
  items: 2_000,
  instructionsChars: 262_144,
  stops: 16,
} as const;

/** A JSON Schema of bounded size; its depth is looked at first, because writing it out costs stack. */
const JsonSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => isWithinDepth(schema, callerLimits.schemaDepth), {
    error: `a schema may be nested ${callerLimits.schemaDepth} levels deep`,
    abort: true,
  })
  .refine((schema) => JSON.stringify(schema).length <= callerLimits.schemaChars, {
    error: `a schema may have ${callerLimits.schemaChars} characters`,
  });

/** A function that the caller of a turn runs itself. */
export const CallerTool = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "a name has 1 to 64 letters, digits, dashes and underscores"),
  description: z.string().max(callerLimits.schemaChars).optional(),
  /** Of the arguments; none where absent. */
  parameters: JsonSchema.optional(),
  /** The model keeps to the schema exactly, where the provider can make it. */
  strict: z.boolean().optional(),
});
export type CallerTool = z.output<typeof CallerTool>;

const CallerTools = z
  .array(CallerTool)
  .max(callerLimits.tools)
  .refine((tools) => new Set(tools.map(({ name }) => name.toLowerCase())).size === tools.length, {
    error: "every tool needs a name of its own",
  })
  .refine(
    (tools) =>
      tools.reduce((sum, { description = "", parameters = {} }) => {
        return sum + description.length + JSON.stringify(parameters).length;
      }, 0) <= callerLimits.toolsChars,
    { error: `all tools together may have ${callerLimits.toolsChars} characters` },
  );

/** Whether and which of its own tools the caller wants to be called. */
export const CallerToolChoice = z.union([z.enum(["auto", "none", "required"]), z.strictObject({ name: text })]);
export type CallerToolChoice = z.output<typeof CallerToolChoice>;

/** `data` is base64. What it is, its bytes say; `mimeType` is only believed where they agree. */
const MediaSource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("base64"), data: z.string(), mimeType: z.string().optional() }),
  z.strictObject({ kind: z.literal("url"), url: text }),
]);
export type MediaSource = z.output<typeof MediaSource>;

export const CallerContent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({ type: z.literal("image"), source: MediaSource }),
  z.strictObject({ type: z.literal("file"), source: MediaSource, fileName: z.string().max(255).optional() }),
]);
export type CallerContent = z.output<typeof CallerContent>;

const CallResult = z.strictObject({
  type: z.literal("result"),
  callId: text,
  output: z.union([z.string(), z.array(CallerContent)]),
  isError: z.boolean().optional(),
});

/** What is said in a turn: by a person, or by a tool that an earlier turn has called. */
const CallerInput = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("message"), content: z.array(CallerContent) }),
  CallResult,
]);
export type CallerInput = z.output<typeof CallerInput>;

/** What was said before, of a conversation that the caller keeps. */
const CallerContext = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("message"), content: z.array(CallerContent) }),
  z.strictObject({ type: z.literal("answer"), text: z.string() }),
  z.strictObject({
    type: z.literal("call"),
    callId: text,
    name: text,
    arguments: z.record(z.string(), z.unknown()),
  }),
  CallResult,
]);
export type CallerContext = z.output<typeof CallerContext>;

/** What the caller asks of the model; a provider that does not know a member ignores it. */
export const Sampling = z.strictObject({
  /** Of each model call; never more than the model gives. */
  maxOutputTokens: z.int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  stop: z.array(text).max(callerLimits.stops).optional(),
  seed: z.int().optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
});
export type Sampling = z.output<typeof Sampling>;

/** The answer is JSON, of this schema where there is one. */
export const JsonFormat = z.strictObject({
  schema: JsonSchema.optional(),
  name: text.max(64).optional(),
  description: z.string().max(callerLimits.schemaChars).optional(),
  /** The model keeps to the schema exactly, where the provider can make it. */
  strict: z.boolean().optional(),
});
export type JsonFormat = z.output<typeof JsonFormat>;

/** A call of a tool of the caller; its turn has ended with it. */
export const CallerCall = z.object({
  callId: z.string(),
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});
export type CallerCall = z.output<typeof CallerCall>;

/**
 * What a turn tells while it runs. A part is what one model call says; `part-void` takes back what was said of it,
 * because the call has failed and is made again.
 */
export const CallerStep = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), delta: z.string() }),
  z.object({ type: z.literal("reasoning"), delta: z.string() }),
  z.object({ type: z.literal("part-end") }),
  z.object({ type: z.literal("part-void") }),
  z.object({ type: z.literal("calls"), calls: z.array(CallerCall) }),
]);
export type CallerStep = z.output<typeof CallerStep>;

/** Which entrance a turn came through; its limits of images and files hold. */
export const callerEntrances = ["chatCompletions", "responses"] as const;
export type CallerEntrance = (typeof callerEntrances)[number];

const endStates = ["done", "failed", "aborted", "interrupted"] as const;
const CallerUsage = z.object({ input: z.int(), output: z.int(), cacheRead: z.int(), cacheWrite: z.int() });
const AnsweringModel = z.object({ provider: z.string(), id: z.string() });
/** Where a run takes place; the key is canonical. */
const place = {
  runId: z.string(),
  sessionKey: z.string(),
  sessionId: z.string().optional(),
  agentId: z.string(),
};

/**
 * Turns whose caller gives more than a text and waits for the answer. No socket has these methods: the HTTP endpoints
 * call them, by the door that every call goes through.
 */
export const callerTurnsMethods = {
  "turns.get": {
    description:
      "A run whose request is kept: what became of it, and what it said. Unknown when it is forgotten, or was never to be kept.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({ runId: text }),
    result: z.object({
      found: z
        .object({
          ...place,
          state: z.enum(["queued", "running", ...endStates]),
          stopReason: z.string().optional(),
          error: z.string().optional(),
          request: z.record(z.string(), z.unknown()),
          /** What was said, as it would have been told. */
          steps: z.array(CallerStep),
          usage: CallerUsage,
          model: AnsweringModel.optional(),
          /** The last message of the run. Another turn goes on after it, or parts from the conversation there. */
          end: z.object({ sessionId: z.string(), seq: z.int(), isLatest: z.boolean() }).optional(),
          createdAt: z.int(),
          endedAt: z.int().optional(),
        })
        .optional(),
    }),
  },
  "turns.forget": {
    description: "What is kept of a run's request is forgotten. The transcript stays.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({ runId: text }),
    result: z.object({ isForgotten: z.boolean() }),
  },
  "turns.run": {
    description:
      "Run a turn with tools, limits and content of the caller. Answered `accepted` when it is on disk, told step by step, and answered when it ends. The same `runId` again starts nothing.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({
      runId: text,
      entrance: z.enum(callerEntrances),
      sessionKey: text,
      agentId: text.optional(),
      input: z.array(CallerInput).min(1).max(callerLimits.items),
      /** Put before the first message of a session that has none; otherwise the session knows what was said. */
      context: z.array(CallerContext).max(callerLimits.items).optional(),
      /** The session goes on however old it is. */
      continues: z.boolean().optional(),
      /** A session without messages begins with those of this transcript, up to this position. */
      forkOf: z.strictObject({ sessionId: text, seq: z.int().min(1) }).optional(),
      /** Kept with the run, for `turns.get`. Only runs whose id begins with `resp_` can have it. */
      request: z.record(z.string(), z.unknown()).optional(),
      /** Added to the system prompt of this turn. */
      instructions: z.string().max(callerLimits.instructionsChars).optional(),
      tools: CallerTools.optional(),
      toolChoice: CallerToolChoice.optional(),
      parallelToolCalls: z.boolean().optional(),
      sampling: Sampling.optional(),
      /** Text where absent. */
      format: JsonFormat.optional(),
      thinking: z.string().optional(),
      /** The model of this turn, as sessions name one. Whoever may change sessions may choose it. */
      model: text.optional(),
      /** Milliseconds after which the turn is stopped. */
      timeoutMs: z.int().min(1).optional(),
    }),
    accepted: z.object({ runId: z.string(), sessionKey: z.string(), agentId: z.string(), acceptedAt: z.int() }),
    progress: CallerStep,
    result: z.object({
      ...place,
      state: z.enum(endStates),
      /** `stop`, `length` or `tool_calls` of a turn that is done; what stopped another. */
      stopReason: z.string(),
      error: z.string().optional(),
      errorKind: z.enum(["refusal", "timeout", "rate_limit", "context_length", "unknown"]).optional(),
      /** Of all model calls, with an empty line between them. */
      text: z.string(),
      calls: z.array(CallerCall),
      usage: CallerUsage,
      model: AnsweringModel.optional(),
      startedAt: z.int().optional(),
      endedAt: z.int(),
    }),
  },
} satisfies MethodGroup;
