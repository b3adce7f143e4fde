import type { EncodedEvent } from "../events/plane.ts";
import type { Clock } from "../platform/clock.ts";
import type { Transport } from "../transport/transport.ts";

/** Waiting bytes above which events that a newer one replaces are held back instead of queued. */
const behindBytes = 512 * 1024;
/** How often a reader that is behind is looked at again. */
const recheckMs = 50;

const closingBrace = Buffer.from("}", "latin1");

/**
 * Events on their way to one reader. Numbers are given at the moment of sending, so what is held back or replaced leaves
 * no gap. A reader over the bound is reported once as slow.
 */
export function createOutbox(deps: {
  transport: Transport;
  clock: Clock;
  maxBufferedBytes: number;
  onSlow: () => void;
}) {
  const { transport, clock, maxBufferedBytes, onSlow } = deps;
  let seq = 0;
  const held = new Map<string, EncodedEvent>();
  let cancelRecheck: (() => void) | undefined;

  function send(event: EncodedEvent): void {
    if (transport.bufferedBytes > maxBufferedBytes) return onSlow();
    const tail = event.numbered ? Buffer.from(`,"seq":${++seq}}`, "latin1") : closingBrace;
    transport.send(Buffer.concat([event.head, tail]));
  }

  function flush(): void {
    for (const event of held.values()) send(event.whenBehind());
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
      held.delete(event.coalesceKey);
      held.set(event.coalesceKey, event);
      cancelRecheck ??= clock.at(clock.now() + recheckMs, recheck);
    },
    close: (): void => {
      held.clear();
      cancelRecheck?.();
    },
  };
}
