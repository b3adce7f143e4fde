import type { Dialect, WireEvent } from "../codec.ts";
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
  encodeResult: (method, payload) => (bearEvents.has(method) ? withEvents(payload) : payload),
  encodeEvent,
};

/** Their answers hold events, in the form in which they would have come. */
const bearEvents = new Set(["streams.subscribe", "events.resume"]);

function withEvents(payload: unknown): unknown {
  const { events, ...rest } = payload as { events?: { event: string; payload: unknown }[] };
  return events
    ? { ...rest, events: events.map((each) => ({ ...each, ...encodeEvent(each.event, each.payload) })) }
    : rest;
}

function encodeEvent(event: string, payload: unknown): WireEvent {
  return { event, payload: event === "chat" ? withStopReason(payload) : payload };
}

/** Here every final names its stop reason, the ordinary one too. */
function withStopReason(payload: unknown): unknown {
  const chat = payload as { state?: unknown; stopReason?: unknown };
  return chat.state === "final" && chat.stopReason === undefined ? { ...chat, stopReason: "stop" } : payload;
}
