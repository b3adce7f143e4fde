import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const text = z.string().min(1);
const read = { since: 4, role: "operator", scope: "operator.read" } as const;

/** A place in a stream: the `offset`-th event of the life that `epoch` names. Another epoch began counting anew. */
export const StreamPosition = z.object({ epoch: text, offset: z.int().min(0) });
export type StreamPosition = z.output<typeof StreamPosition>;

/** A tool call of a run that the transcript does not answer yet. */
const LiveTool = z.looseObject({
  toolCallId: z.string(),
  name: z.string(),
  args: z.unknown(),
  status: z.enum(["running", "done", "failed"]),
  /** What it has said so far, or in the end. */
  result: z.unknown().optional(),
});

/** A run as it stands at a position. */
export const RunSnapshot = z.looseObject({
  runId: z.string(),
  state: z.enum(["queued", "running", "done", "failed", "aborted", "interrupted"]),
  startedAt: z.int().optional(),
  /** Everything that `chat` deltas have told of it. */
  text: z.string(),
  /** Thoughts of the model call under way. */
  reasoning: z.string(),
  tools: z.array(LiveTool),
  error: z.string().optional(),
});
export type RunSnapshot = z.output<typeof RunSnapshot>;

/** An event as it would have come, with its place in its stream. */
export const MissedEvent = z.looseObject({
  event: z.string(),
  payload: z.unknown(),
  position: z.looseObject({ sessionKey: z.string(), epoch: z.string(), offset: z.int() }).optional(),
});

export const StreamSnapshot = z.looseObject({
  /** `new`: no position was given. `gone`: what came after it is no longer kept. */
  reason: z.enum(["new", "gone"]),
  runs: z.array(RunSnapshot),
});
export type StreamSnapshot = z.output<typeof StreamSnapshot>;

export const streamsMethods = {
  "streams.subscribe": {
    description:
      "Follow a session, or one run, with nothing missing and nothing twice: all its events come to this connection with their positions. After a lost connection `from` asks for the rest; the answer has it, or a snapshot when it is no longer kept.",
    ...read,
    params: z.object({
      /** One of both. */
      sessionKey: text.optional(),
      runId: text.optional(),
      from: StreamPosition.optional(),
    }),
    result: z.looseObject({
      subscribed: z.literal(true),
      sessionKey: z.string(),
      runId: z.string().optional(),
      /** Where the stream stands after `events`, or at `snapshot`; the next event follows it. */
      position: StreamPosition,
      /** What came after `from`, in order. Text that came in pieces is told in one. */
      events: z.array(MissedEvent),
      /** Instead of events. Stored messages are read with `chat.history`. */
      snapshot: StreamSnapshot.optional(),
    }),
  },
  "streams.unsubscribe": {
    description: "Stop following a session or a run on this connection.",
    ...read,
    params: z.object({ sessionKey: text.optional(), runId: text.optional() }),
    result: z.object({ subscribed: z.literal(false) }),
  },
  "events.resume": {
    description:
      "What another connection of the same caller, now lost, was not sent: every numbered event after `seq`, up to the beginning of this connection. `ok: false` when that is not kept; then read again what is shown.",
    ...read,
    params: z.object({
      /** `server.connId` of the lost connection's `hello-ok`. */
      connId: text,
      /** The last number that arrived; 0 when none did. */
      seq: z.int().min(0),
    }),
    result: z.union([
      z.looseObject({ ok: z.literal(true), events: z.array(MissedEvent) }),
      z.looseObject({ ok: z.literal(false), reason: z.literal("reload") }),
    ]),
  },
} satisfies MethodGroup;
