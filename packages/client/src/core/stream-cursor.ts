import type { EventPosition } from "@openclaw-gateway/protocol/wire";

/** A place in a stream, as the gateway names it. */
export type StreamPlace = { epoch: string; offset: number };

/** What an event means to a reader that stands at a place: the next one, an old one, or one after something missing. */
export type Verdict = "next" | "seen" | "beyond";

/** Offsets have no holes, except where an event tells what those before it told. */
export function judge(at: StreamPlace, next: StreamPlace, isCoalesced = false): Verdict {
  if (next.epoch !== at.epoch) return "beyond";
  if (next.offset <= at.offset) return "seen";
  return next.offset === at.offset + 1 || isCoalesced ? "next" : "beyond";
}

/** Where an event stands in the stream of its session, or in that of its run. */
export function placeOf(position: EventPosition, ofRun: boolean): StreamPlace {
  return { epoch: position.epoch, offset: ofRun ? (position.runOffset ?? 0) : position.offset };
}
