import type { Mismatch } from "./replay.ts";

/**
 * A difference from the recorded gateways that is meant, or that waits for a later part of the project. Every mismatch
 * of a replay must be covered by one; one that covers nothing any more must go.
 */
export type Deviation = {
  id: string;
  recorded: string;
  ours: string;
  reason: string;
  /** Set when ours is not meant to stay: the part of the project that will end it. */
  until?: string;
  covers: (mismatch: Mismatch) => boolean;
};

export const deviations: readonly Deviation[] = [];

export const coveringDeviation = (mismatch: Mismatch): Deviation | undefined => deviations.find(({ covers }) => covers(mismatch));
