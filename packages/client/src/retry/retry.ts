import { delayAfter } from "../core/backoff.ts";
import { type Clock, ConnectionError, systemClock } from "../core/index.ts";
import { askedDelayMs, isTransientFailure } from "./classify.ts";

/** One attempt that failed and will be followed by another. */
export type Retry = { attempt: number; delayMs: number; error: unknown };

/** How long and how patiently to try. Times are milliseconds. */
export type RetryOptions = {
  /** From the first attempt to the beginning of the last. Default: 45000. */
  budgetMs?: number | undefined;
  /** Default: 500. It doubles with each attempt and is spread by a fifth. */
  firstDelayMs?: number | undefined;
  /** Default: 5000. What a gateway asks for (`retryAfterMs`) may be longer. */
  maxDelayMs?: number | undefined;
  /** Ends the waiting; the attempt under way is the caller's to end. */
  signal?: AbortSignal | undefined;
  /** Default: `isTransientFailure`. */
  isTransient?: ((error: unknown) => boolean) | undefined;
  onRetry?: ((retry: Retry) => void) | undefined;
  clock?: Clock | undefined;
  /** Between 0 and 1, for the jitter. */
  random?: (() => number) | undefined;
};

/** What a gateway that asks for no delay at all gets. */
const leastDelayMs = 100;

/**
 * Tries again what failed for a passing reason, until it succeeds or the budget is used up; then rejects with the last
 * failure. Only for calls that may be repeated: those without effects, or with an idempotency key.
 */
export async function retryTransient<T>(
  work: (attempt: number) => Promise<T>,
  {
    budgetMs = 45_000,
    firstDelayMs = 500,
    maxDelayMs = 5_000,
    signal,
    isTransient = isTransientFailure,
    onRetry,
    clock = systemClock,
    random = Math.random,
  }: RetryOptions = {},
): Promise<T> {
  const deadlineMs = clock.now() + budgetMs;
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw aborted(signal);
    try {
      return await work(attempt);
    } catch (error) {
      if (!isTransient(error)) throw error;
      const askedMs = askedDelayMs(error);
      const delayMs =
        askedMs === undefined
          ? delayAfter(attempt, { minDelayMs: firstDelayMs, maxDelayMs }, random)
          : Math.max(askedMs, leastDelayMs);
      // A wait that ends after the budget would only make the caller wait for the same failure.
      if (clock.now() + delayMs > deadlineMs) throw error;
      onRetry?.({ attempt, delayMs, error });
      await pause(delayMs, { clock, signal });
    }
  }
}

/** Resolves after a while, or rejects with `ConnectionError("aborted")` as soon as the signal says so. */
export function pause(
  delayMs: number,
  { clock = systemClock, signal }: { clock?: Clock | undefined; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const stop = (): void => {
      cancel();
      if (signal) reject(aborted(signal));
    };
    const cancel = clock.at(clock.now() + delayMs, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

const aborted = (signal: AbortSignal): ConnectionError =>
  new ConnectionError("aborted", "aborted by the caller", { cause: signal.reason });
