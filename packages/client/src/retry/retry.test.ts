import { GatewayError } from "@openclaw-gateway/protocol/wire";
import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectionError } from "../core/index.ts";
import { createManualClock, rejectionOf } from "../testing/index.ts";
import { type Retry, retryTransient } from "./retry.ts";

const refused = () => new ConnectionError("closed", "connect ECONNREFUSED", { closeCode: 1006 });

/** Fails with each of the errors in turn, then succeeds. */
function failing(...errors: unknown[]) {
  let calls = 0;
  return {
    work: async () => {
      const error = errors[calls];
      calls++;
      if (calls <= errors.length) throw error;
      return `done at ${calls}`;
    },
    get calls() {
      return calls;
    },
  };
}

/** A clock that jumps to the next timer, and no further. */
function createJumpingClock() {
  let nowMs = 0;
  const timers: number[] = [];
  return {
    waits: timers,
    now: () => nowMs,
    at: (ms: number, fire: () => void) => {
      timers.push(ms - nowMs);
      let isCancelled = false;
      setImmediate(() => {
        if (isCancelled) return;
        nowMs = Math.max(nowMs, ms);
        fire();
      });
      return () => void (isCancelled = true);
    },
  };
}

describe("retryTransient", () => {
  test("half a second, doubling to five, without jitter in the middle of its range", async () => {
    const clock = createJumpingClock();
    const { work } = failing(...Array.from({ length: 7 }, refused));
    expect(await retryTransient(work, { clock, random: () => 0.5 })).toBe("done at 8");
    expect(clock.waits).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test("the last failure is told when 45 seconds are over", async () => {
    const clock = createJumpingClock();
    const errors = Array.from({ length: 50 }, (_, index) => new Error(`timeout ${index}`));
    const failed = failing(...errors);
    const error = await rejectionOf(retryTransient(failed.work, { clock, random: () => 0.5 }));
    expect(error).toBe(errors[failed.calls - 1]);
    expect(clock.now()).toBeLessThanOrEqual(45_000);
    expect(clock.now()).toBeGreaterThan(40_000);
  });

  test("a permanent failure is not tried again", async () => {
    const clock = createManualClock();
    const refusal = new GatewayError("INVALID_REQUEST", 'unsupported file "X.md"');
    const failed = failing(refusal);
    expect(await rejectionOf(retryTransient(failed.work, { clock }))).toBe(refusal);
    expect([failed.calls, clock.waiting]).toEqual([1, 0]);
  });

  test("the gateway says when to come back", async () => {
    const clock = createJumpingClock();
    const busy = new GatewayError("UNAVAILABLE", "overloaded", { retryable: true, retryAfterMs: 12_345 });
    await retryTransient(failing(busy).work, { clock });
    expect(clock.waits).toEqual([12_345]);
  });

  test("a gateway that says at once is not asked without a pause", async () => {
    const clock = createJumpingClock();
    await retryTransient(failing(new GatewayError("UNAVAILABLE", "busy", { retryAfterMs: 0 })).work, { clock });
    expect(clock.waits).toEqual([100]);
  });

  test("nobody waits for an attempt that would come too late", async () => {
    const clock = createManualClock();
    const busy = new GatewayError("UNAVAILABLE", "overloaded", { retryable: true, retryAfterMs: 60_000 });
    const failed = failing(busy);
    expect(await rejectionOf(retryTransient(failed.work, { clock }))).toBe(busy);
    expect([failed.calls, clock.waiting]).toEqual([1, 0]);
  });

  test("an abort ends the waiting at once", async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    const failed = failing(refused(), refused());
    const reason = new Error("enough");
    const result = rejectionOf(
      retryTransient(failed.work, {
        clock,
        signal: abort.signal,
        onRetry: () => queueMicrotask(() => abort.abort(reason)),
      }),
    );
    expect(await result).toMatchObject({ name: "ConnectionError", reason: "aborted", cause: reason });
    expect([failed.calls, clock.waiting]).toEqual([1, 0]);
  });

  test("nothing is tried for somebody who gave up before", async () => {
    const failed = failing();
    const result = retryTransient(failed.work, { signal: AbortSignal.abort() });
    expect(await rejectionOf(result)).toMatchObject({ reason: "aborted" });
    expect(failed.calls).toBe(0);
  });

  test("each retry is told, with its reason", async () => {
    const clock = createJumpingClock();
    const told: Retry[] = [];
    const [one, other] = [refused(), refused()];
    const onRetry = (retry: Retry) => void told.push(retry);
    await retryTransient(failing(one, other).work, { clock, random: () => 0.5, onRetry });
    expect(told).toEqual([
      { attempt: 1, delayMs: 500, error: one },
      { attempt: 2, delayMs: 1_000, error: other },
    ]);
  });

  test("delays stay between the first and the longest, and within the budget", async () => {
    const delays = fc.record({
      firstDelayMs: fc.integer({ min: 1, max: 2_000 }),
      maxDelayMs: fc.integer({ min: 1, max: 10_000 }),
      budgetMs: fc.integer({ min: 0, max: 60_000 }),
      seed: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(delays, async ({ seed, ...options }) => {
        const clock = createJumpingClock();
        let drawn = 0;
        const random = () => seed[drawn++ % seed.length] ?? 0;
        await rejectionOf(
          retryTransient(failing(...Array.from({ length: 60 }, refused)).work, { clock, random, ...options }),
        )
          // Sixty attempts may fit into a long budget of short delays.
          .catch(() => undefined);
        expect(clock.now()).toBeLessThanOrEqual(options.budgetMs);
        clock.waits.forEach((delayMs, index) => {
          const plainMs = Math.min(options.firstDelayMs * 2 ** index, options.maxDelayMs);
          expect(delayMs).toBeGreaterThanOrEqual(Math.floor(plainMs * 0.8));
          expect(delayMs).toBeLessThanOrEqual(Math.min(Math.ceil(plainMs * 1.2), options.maxDelayMs));
        });
      }),
      { numRuns: casesOf(40) },
    );
  });
});
