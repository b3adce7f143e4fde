import type { Dialect } from "../codec.ts";
import { decodeRequest, shortFrames } from "../frames.ts";
import { optionalFrameMembers } from "./frames.ts";
import { events3, methods3 } from "./registry.ts";

/** Protocol 3: the 2026.2 clients. */
export const dialect3: Dialect = {
  version: 3,
  frames: shortFrames,
  methods: methods3,
  events: events3,
  eventNames: {},
  strictParams: true,
  enumWords: "any-of",
  toolEventsFollowVerbose: true,
  // Before a model wrote summaries, compaction was a cut.
  defaultParams: new Map([["sessions.compact", { maxLines: 400 }]]),
  decodeRequest: (value) => decodeRequest(value, optionalFrameMembers),
  decodeConnect: (params) => ({ params }),
  encodeHello: (hello) => hello,
  // FORBIDDEN came with protocol 4; before, a missing scope was an invalid request with the same text.
  encodeError: (error) => ({
    ...error,
    ...(error.code === "FORBIDDEN" && { code: "INVALID_REQUEST" as const }),
    // Why, and which request, is told in the details; clients of 3 compare the text.
    ...(error.details?.["code"] === "PAIRING_REQUIRED" && { message: "pairing required" }),
  }),
  encodeResult: (method, payload) => {
    if (method === "usage.cost") return sparseCost(payload);
    return method === "chat.history" ? withSecondName(withoutUserImages(payload)) : payload;
  },
  // `chat` state `status` is new in protocol 4; clients of 3 switch over the state and must not meet it.
  encodeEvent: (event, payload) => (event === "chat" && isStatus(payload) ? undefined : { event, payload }),
};

/** Protocol 3 leaves days without usage out, and its `days` counts one more than it covers. */
function sparseCost(payload: unknown): unknown {
  const cost = payload as { days: number; daily: { totalTokens: number; totalCost: number }[] };
  const daily = cost.daily.filter(({ totalTokens, totalCost }) => totalTokens > 0 || totalCost > 0);
  return { ...cost, days: cost.days + 1, daily };
}

/** Clients of 3 know no images in what a person said. */
function withoutUserImages(payload: unknown): unknown {
  const { messages } = payload as { messages?: { role: string; content: { type: string }[] }[] };
  if (!messages?.some(hasUserImage)) return payload;
  const shown = messages.map((message) =>
    hasUserImage(message) ? { ...message, content: message.content.filter(({ type }) => type !== "image") } : message,
  );
  return { ...(payload as object), messages: shown };
}

const hasUserImage = ({ role, content }: { role: string; content: { type: string }[] }): boolean =>
  role === "user" && content.some(({ type }) => type === "image");

/** Some clients of 3 read the messages of a history as its `entries`. */
function withSecondName(payload: unknown): unknown {
  const { messages } = payload as { messages?: unknown };
  return messages === undefined ? payload : { ...(payload as object), entries: messages };
}

const isStatus = (payload: unknown): boolean => (payload as { state?: unknown }).state === "status";
