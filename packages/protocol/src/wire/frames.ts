import type { WireError } from "../errors.ts";

/** The id of a request; a wrongly typed one is echoed as it came. */
export type RequestFrame = { type: "req"; id: string; method: string; params?: unknown };
export type ResponseFrame =
  | { type: "res"; id: string; ok: true; payload?: unknown }
  | { type: "res"; id: string; ok: false; error: WireError; payload?: unknown };
/** Where an event stands in the stream of its session and, counted apart, in that of its run. */
export type EventPosition = {
  sessionKey: string;
  epoch: string;
  offset: number;
  runId?: string;
  runOffset?: number;
  /** It tells what the events before it told too: a reader was behind and was spared them. */
  coalesced?: true;
};
export type EventFrame = {
  type: "event";
  event: string;
  payload?: unknown;
  seq?: number;
  stateVersion?: { presence: number; health: number };
  /** Only for connections that declared `stream-positions`. */
  position?: EventPosition;
};
export type Frame = RequestFrame | ResponseFrame | EventFrame;

/** How one form of frames spells what goes over the wire. */
export type FrameForm = {
  request: string;
  response: string;
  event: string;
  /** The member of an event frame that holds its payload. */
  eventBody: "payload" | "data";
  /** Whether event frames carry `seq` and `stateVersion`. */
  numbersEvents: boolean;
};

/** What nearly every client speaks. */
export const shortFrames: FrameForm = {
  request: "req",
  response: "res",
  event: "event",
  eventBody: "payload",
  numbersEvents: true,
};

export type DecodedRequest =
  | { ok: true; id: string; method: string; params: unknown }
  /** `id` is what the answer goes under: the frame's own where it has one, else `"invalid"`. */
  | { ok: false; id: unknown; reason: string };

/**
 * Reads a parsed JSON value as a request frame. Written by hand because it runs for every message; the reasons follow
 * the grammar of `describeIssues`. `optional` are frame members a dialect knows beside the four.
 */
export function decodeRequest(
  value: unknown,
  optional: ReadonlySet<string> = none,
  { request }: FrameForm = shortFrames,
): DecodedRequest {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, id: "invalid", reason: "must be object" };
  }
  const frame = value as Record<string, unknown>;
  const { type, id, method } = frame;
  if (type === request && typeof id === "string" && id !== "" && typeof method === "string" && method !== "") {
    let extra = false;
    for (const key in frame) {
      if (!known.has(key) && !optional.has(key)) extra = true;
    }
    if (!extra) return { ok: true, id, method, params: frame["params"] };
  }
  return {
    ok: false,
    id: id === undefined || id === "" ? "invalid" : id,
    reason: whyNotRequest(frame, optional, request),
  };
}

const none: ReadonlySet<string> = new Set();
const known: ReadonlySet<string> = new Set(["type", "id", "method", "params"]);

function whyNotRequest(frame: Record<string, unknown>, optional: ReadonlySet<string>, request: string): string {
  const parts: string[] = [];
  for (const name of ["type", "id", "method"]) {
    if (frame[name] === undefined) parts.push(`must have required property '${name}'`);
  }
  for (const key of Object.keys(frame)) {
    if (!known.has(key) && !optional.has(key)) parts.push(`at root: unexpected property '${key}'`);
  }
  if (frame["type"] !== undefined && frame["type"] !== request) parts.push("at /type: must be equal to constant");
  for (const name of ["id", "method"]) {
    const value = frame[name];
    if (value === "") parts.push(`at /${name}: must NOT have fewer than 1 characters`);
    else if (value !== undefined && typeof value !== "string") parts.push(`at /${name}: must be string`);
  }
  return parts.join("; ");
}
