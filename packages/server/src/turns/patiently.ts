import type { Clock } from "../platform/clock.ts";
import { isPassingTrouble } from "../store/storage-error.ts";

/** Pauses before a write is tried again: a disk that is being tidied, a writer that is started again. */
const pausesMs = [200, 800, 3_000, 8_000];

/**
 * Writes what a turn has to keep, again and again while the store is in passing trouble: the answer is paid for. After a lost
 * writer nobody knows whether the write is there; `isThere` finds out.
 */
export async function patiently<T>(
  clock: Clock,
  write: () => Promise<T>,
  isThere?: () => Promise<T | undefined>,
): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await write();
    } catch (error) {
      if (!isPassingTrouble(error)) throw error;
      await new Promise<void>((resolve) => void clock.at(clock.now() + pauseMs, resolve));
      const found = error.reason === "writer-lost" ? await isThere?.() : undefined;
      if (found !== undefined) return found;
    }
  }
  return write();
}
