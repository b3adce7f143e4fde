import type { Clock } from "./clock.ts";
import type { RetryAt } from "./connection.ts";
import type { ReconnectDelays } from "./options.ts";

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
    const delayMs = Math.min(minDelayMs * 2 ** (attempt - 1), maxDelayMs);
    return clock.now() + Math.round(Math.min(delayMs * (0.8 + 0.4 * random()), maxDelayMs));
  };
}
