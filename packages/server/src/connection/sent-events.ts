import type { EncodedEvent } from "../events/plane.ts";

export type SentEvent = { seq: number; event: EncodedEvent };

/** A lost connection swallows what was on its way; more than this is not sent again. */
const maxEvents = 256;
const maxBytes = 512 * 1024;

/** The latest numbered events of a connection. The bytes are those that every reader shares. */
export function createSentEvents() {
  const ring: SentEvent[] = [];
  let oldest = 0;
  let bytes = 0;

  function dropOldest(): void {
    bytes -= ring[oldest]?.event.head.byteLength ?? 0;
    oldest++;
    // Cleared in one go, so that an event costs no move of the others.
    if (oldest >= maxEvents) ring.splice(0, oldest);
    if (oldest >= maxEvents) oldest = 0;
  }

  return {
    add: (sent: SentEvent): void => {
      ring.push(sent);
      bytes += sent.event.head.byteLength;
      while (ring.length - oldest > maxEvents || (bytes > maxBytes && ring.length > oldest)) dropOldest();
    },
    all: (): readonly SentEvent[] => ring.slice(oldest),
  };
}
