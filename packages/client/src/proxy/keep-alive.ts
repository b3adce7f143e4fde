import type { Cancel, Clock } from "../core/index.ts";
import type { ProxySocket } from "./socket.ts";

export interface KeepAlive {
  /** Anything arrived. */
  heard(): void;
  end(): void;
}

/** Asks an end for a sign of life at each interval; one that gave none since the last time is gone. */
export function createKeepAlive(
  socket: Pick<ProxySocket, "ping">,
  {
    clock,
    intervalMs,
    isReading,
    onSilent,
  }: { clock: Clock; intervalMs: number; isReading: () => boolean; onSilent: () => void },
): KeepAlive {
  let isHeard = true;
  let cancel: Cancel = schedule();
  function schedule(): Cancel {
    return clock.at(clock.now() + intervalMs, () => {
      // Nothing can be heard of an end that is not read; its own timer runs then.
      if (!isHeard && isReading()) return onSilent();
      isHeard = false;
      socket.ping();
      cancel = schedule();
    });
  }
  return {
    heard: () => {
      isHeard = true;
    },
    end: () => cancel(),
  };
}
