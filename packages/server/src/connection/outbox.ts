import type { EncodedEvent } from "../events/plane.ts";
import type { Clock } from "../platform/clock.ts";
import type { Transport } from "../transport/transport.ts";
import { createSentEvents, type SentEvent } from "./sent-events.ts";

/** Waiting bytes above which events that a newer one replaces are held back instead of queued. */
const behindBytes = 512 * 1024;
/** How often a reader that is behind is looked at again. */
const recheckMs = 50;

const closingBrace = Buffer.from("}", "latin1");

/** What a reader has been sent lately, and what was on its way when its connection ended. */
export type Leftovers = { seq: number; sent: readonly SentEvent[]; unsent: readonly EncodedEvent[] };

/**
 * Events on their way to one reader. Numbers are given at the moment of sending, so what is held back or replaced leaves
 * no gap. A reader over the bound is reported once as slow.
 */
export function createOutbox(deps: {
  transport: Transport;
  clock: Clock;
  maxBufferedBytes: number;
  onSlow: () => void;
  /** An event was replaced by a newer one before it was sent. */
  onReplaced: () => void;
  /** The reader asked for positions, and may come back for what it missed. */
  wantsPositions: () => boolean;
}) {
  const { transport, clock, maxBufferedBytes, onSlow, onReplaced, wantsPositions } = deps;
  let seq = 0;
  let isSlow = false;
  const held = new Map<string, EncodedEvent>();
  const sent = createSentEvents();
  let cancelRecheck: (() => void) | undefined;

  function send(event: EncodedEvent, isCoalesced = false): void {
    if (transport.bufferedBytes > maxBufferedBytes) {
      isSlow = true;
      return onSlow();
    }
    const tail = event.numbered ? Buffer.from(`,"seq":${++seq}}`, "latin1") : closingBrace;
    if (!wantsPositions()) return transport.send(Buffer.concat([event.head, tail]));
    if (event.numbered) sent.add({ seq, event });
    const position = event.position?.(isCoalesced);
    transport.send(Buffer.concat(position ? [event.head, position, tail] : [event.head, tail]));
  }

  function flush(): void {
    for (const event of held.values()) send(event.whenBehind(), true);
    held.clear();
    cancelRecheck?.();
    cancelRecheck = undefined;
  }

  function recheck(): void {
    cancelRecheck = undefined;
    if (held.size === 0) return;
    if (transport.bufferedBytes <= behindBytes) flush();
    else cancelRecheck = clock.at(clock.now() + recheckMs, recheck);
  }

  return {
    push: (event: EncodedEvent): void => {
      const isBehind = held.size > 0 || transport.bufferedBytes > behindBytes;
      if (event.coalesceKey === undefined || !isBehind) {
        // What was held back comes first: a final must not overtake the text before it.
        if (held.size > 0) flush();
        return send(event);
      }
      if (held.delete(event.coalesceKey)) onReplaced();
      held.set(event.coalesceKey, event);
      cancelRecheck ??= clock.at(clock.now() + recheckMs, recheck);
    },
    /** What the reader may ask for when it comes back; nothing for one that was too slow. */
    close: (): Leftovers | undefined => {
      const unsent = Array.from(held.values(), (event) => event.whenBehind());
      held.clear();
      cancelRecheck?.();
      return isSlow ? undefined : { seq, sent: sent.all(), unsent };
    },
  };
}
