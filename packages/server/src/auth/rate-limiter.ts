import type { Clock } from "../platform/clock.ts";

export type RateLimitSettings = {
  /** Failures within the window that are still answered. */
  maxFailures: number;
  windowMs: number;
  lockoutMs: number;
};

export const defaultRateLimit: RateLimitSettings = { maxFailures: 10, windowMs: 60_000, lockoutMs: 60_000 };

/** Addresses remembered at most; the oldest entry gives way. */
const maxEntries = 10_000;

/** Counts failed credentials per address and class, and refuses further tries before looking at them. */
export interface AuthRateLimiter {
  /** Milliseconds until the next try is looked at; 0 when it may be now. */
  blockedForMs(key: string): number;
  failed(key: string): void;
  succeeded(key: string): void;
}

export function createAuthRateLimiter(
  clock: Clock,
  settings: () => RateLimitSettings = () => defaultRateLimit,
): AuthRateLimiter {
  const entries = new Map<string, { failures: number; windowEndsAt: number; lockedUntil: number }>();
  return {
    blockedForMs: (key) => Math.max(0, (entries.get(key)?.lockedUntil ?? 0) - clock.now()),
    failed: (key) => {
      const now = clock.now();
      const { maxFailures, windowMs, lockoutMs } = settings();
      const known = entries.get(key);
      const entry =
        known && known.windowEndsAt > now ? known : { failures: 0, windowEndsAt: now + windowMs, lockedUntil: 0 };
      entry.failures++;
      if (entry.failures >= maxFailures) entry.lockedUntil = now + lockoutMs;
      entries.delete(key);
      entries.set(key, entry);
      const oldest = entries.size > maxEntries ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
    },
    succeeded: (key) => void entries.delete(key),
  };
}
