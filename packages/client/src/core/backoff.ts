import type { Clock } from "./clock.ts";
import type { RetryAt } from "./connection.ts";
import type { ReconnectDelays } from "./options.ts";

/** The delay after a failed attempt, counted from 1: it doubles up to the longest, and is spread by a fifth. */
export function delayAfter(
  attempt: number,
  { minDelayMs, maxDelayMs }: Required<ReconnectDelays>,
  random: () => number,
): number {
  const delayMs = Math.min(minDelayMs * 2 ** (attempt - 1), maxDelayMs);
  return Math.round(Math.min(delayMs * (0.8 + 0.4 * random()), maxDelayMs));
}

/** Delays double from `minDelayMs` to `maxDelayMs`; each is spread by a fifth, so that clients of one gateway do not return in step. */
export function createBackoff(
  { minDelayMs = 1_000, maxDelayMs = 30_000 }: ReconnectDelays,
  clock: Clock,
  random: () => number,
): RetryAt {
  return (attempt, error) => {
    const asked = "wire" in error ? error.wire.retryAfterMs : undefined;
    // The gateway knows better than we do, within reason.
    if (asked !== undefined) return clock.now() + Math.min(Math.max(asked, 100), maxDelayMs);
    return clock.now() + delayAfter(attempt, { minDelayMs, maxDelayMs }, random);
  };
}
