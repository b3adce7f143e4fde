import type { Cancel, Clock } from "../core/index.ts";
import type { ProxySocket } from "./socket.ts";

/** One direction of a link. */
export interface Flow {
  push(data: Buffer, isBinary: boolean): void;
  /** The reader is behind: its writer is not read. */
  readonly isHeld: boolean;
  end(): void;
}

export type FlowOptions = { clock: Clock; maxBufferedBytes: number; slowReaderTimeoutMs: number; onSlow: () => void };

/**
 * Messages from one end to the other, at the pace of the reader: above the limit the writer is not read any further,
 * so that the network slows it down; a reader that stays behind is reported once.
 */
export function createFlow(
  from: Pick<ProxySocket, "pause" | "resume">,
  to: Pick<ProxySocket, "send" | "bufferedBytes">,
  { clock, maxBufferedBytes, slowReaderTimeoutMs, onSlow }: FlowOptions,
): Flow {
  let isHeld = false;
  let cancelTimer: Cancel = () => {};
  const onSent = (): void => {
    // Half, so that a steady stream does not start and stop with every message.
    if (!isHeld || to.bufferedBytes > maxBufferedBytes / 2) return;
    isHeld = false;
    cancelTimer();
    from.resume();
  };
  return {
    push: (data, isBinary) => {
      to.send(data, isBinary, onSent);
      if (isHeld || to.bufferedBytes <= maxBufferedBytes) return;
      isHeld = true;
      from.pause();
      cancelTimer = clock.at(clock.now() + slowReaderTimeoutMs, onSlow);
    },
    get isHeld() {
      return isHeld;
    },
    end: () => {
      isHeld = false;
      cancelTimer();
    },
  };
}
