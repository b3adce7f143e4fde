import type { EventPosition } from "@openclaw-gateway/protocol";
import { type EncodedEvent, type EventPlane, type EventReader, isVisible } from "../events/plane.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Leftovers } from "./outbox.ts";
import type { SentEvent } from "./sent-events.ts";

export type AbsentLimits = {
  maxAbsent: number;
  maxEvents: number;
  maxBytes: number;
  maxAgeMs: number;
  claimedAgeMs: number;
};

const defaultLimits: AbsentLimits = {
  maxAbsent: 200,
  maxEvents: 1_000,
  maxBytes: 2 * 1024 * 1024,
  maxAgeMs: 120_000,
  claimedAgeMs: 15_000,
};

export type MissedEvents = { event: string; payload: unknown; position?: EventPosition }[];

type Absent = { reader: EventReader; seq: number; missed: SentEvent[]; bytes: number; cancel: Cancel };

/**
 * Readers whose connection was lost and that may come back under another: for a while, what they would have been sent is
 * kept. Whoever misses more than the bounds is forgotten, and told to read everything again.
 */
export function createAbsentReaders(plane: EventPlane, clock: Clock, given: Partial<AbsentLimits> = {}) {
  const limits = { ...defaultLimits, ...given };
  const absent = new Map<string, Absent>();

  function forget(connId: string): void {
    const entry = absent.get(connId);
    if (!entry) return;
    absent.delete(connId);
    entry.cancel();
    plane.remove(entry.reader);
  }

  function keep(connId: string, entry: Absent, event: EncodedEvent): void {
    if (!event.numbered) return;
    entry.missed.push({ seq: ++entry.seq, event });
    entry.bytes += event.head.byteLength;
    if (entry.missed.length > limits.maxEvents || entry.bytes > limits.maxBytes) forget(connId);
  }

  return {
    /** Takes the place of a reader in the same moment, so that no event passes between. */
    leave: (left: EventReader, { seq, sent, unsent }: Leftovers): void => {
      const connId = left.id;
      const entry: Absent = {
        reader: { ...left, deliver: (event) => keep(connId, entry, event) },
        seq,
        missed: [...sent],
        bytes: sent.reduce((sum, { event }) => sum + event.head.byteLength, 0),
        cancel: clock.at(clock.now() + limits.maxAgeMs, () => forget(connId)),
      };
      absent.set(connId, entry);
      plane.add(entry.reader);
      for (const event of unsent) keep(connId, entry, event);
      const [oldest] = absent.size > limits.maxAbsent ? absent.keys() : [];
      if (oldest !== undefined) forget(oldest);
    },

    /**
     * What a reader missed after number `seq` and before the given mark of the plane; undefined when that is not known.
     * For the same caller only, and only what that caller may still see. The answer may be lost with its connection too, so
     * the absence is kept a little longer.
     */
    claim: (connId: string, seq: number, by: Principal, beforeMark: number): MissedEvents | undefined => {
      const entry = absent.get(connId);
      if (entry?.reader.principal.id !== by.id) return undefined;
      entry.cancel();
      entry.cancel = clock.at(clock.now() + limits.claimedAgeMs, () => forget(connId));
      const first = entry.missed[0]?.seq ?? entry.seq + 1;
      if (seq + 1 < first || seq > entry.seq) return undefined;
      const { events } = entry.reader.dialect;
      return entry.missed
        .filter((one) => one.seq > seq && one.event.mark <= beforeMark)
        .map(({ event }) => readBack(event))
        .filter(({ event }) => {
          const spec = events.get(event);
          return spec !== undefined && isVisible(spec, by);
        });
    },

    get size() {
      return absent.size;
    },
    close: (): void => {
      for (const connId of absent.keys()) forget(connId);
    },
  };
}
export type AbsentReaders = ReturnType<typeof createAbsentReaders>;

function readBack({ head, position }: EncodedEvent): MissedEvents[number] {
  const bytes = position ? Buffer.concat([head, position(false)]) : Buffer.from(head);
  const { event, payload, position: place } = JSON.parse(`${bytes.toString("utf8")}}`) as MissedEvents[number];
  return { event, payload, ...(place && { position: place }) };
}
