import type { Dialect } from "../codec.ts";
import { decodeRequest, shortFrames } from "../frames.ts";
import { optionalFrameMembers } from "./frames.ts";
import { events4, methods4 } from "./registry.ts";

/** Without it the official command line refuses to list models. */
const capabilities = ["published-model-catalog"];

/** Protocol 4: today's official clients. */
export const dialect4: Dialect = {
  version: 4,
  frames: shortFrames,
  methods: methods4,
  events: events4,
  eventNames: {},
  strictParams: false,
  enumWords: "allowed-values",
  toolEventsFollowVerbose: false,
  defaultParams: new Map(),
  decodeRequest: (value) => decodeRequest(value, optionalFrameMembers),
  decodeConnect: (params) => ({ params }),
  encodeHello: (hello) => ({ ...hello, features: { ...hello.features, capabilities } }),
  encodeError: (error) => error,
  encodeResult: (_method, payload) => payload,
  encodeEvent: (event, payload) => ({ event, payload: event === "chat" ? withStopReason(payload) : payload }),
};

/** Here every final names its stop reason, the ordinary one too. */
function withStopReason(payload: unknown): unknown {
  const chat = payload as { state?: unknown; stopReason?: unknown };
  return chat.state === "final" && chat.stopReason === undefined ? { ...chat, stopReason: "stop" } : payload;
}
