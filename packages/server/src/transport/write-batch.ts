import type { Duplex } from "node:stream";

/**
 * Lets everything that is sent to a stream in one go of the program leave in one system call: answers to requests that
 * arrived together, or the two events of one delta. Nothing waits for a timer.
 */
export function createWriteBatch() {
  let held: Duplex[] = [];

  function release(): void {
    const streams = held;
    held = [];
    for (const stream of streams) stream.uncork();
  }

  return {
    /** To be called before a write. */
    hold: (stream: Duplex): void => {
      if (stream.writableCorked > 0) return;
      stream.cork();
      if (held.push(stream) === 1) process.nextTick(release);
    },
  };
}
export type WriteBatch = ReturnType<typeof createWriteBatch>;
