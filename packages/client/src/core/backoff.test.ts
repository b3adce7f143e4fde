import { GatewayError } from "@openclaw-gateway/protocol/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";
import { ConnectionError } from "./connection-error.ts";

const clock = { now: () => 1_000, at: () => () => {} };
const lost = new ConnectionError("closed", "gone");

test("doubles from one second to thirty", () => {
  const backoff = createBackoff({}, clock, () => 0.5);
  expect([1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => (backoff(attempt, lost) ?? 0) - 1_000)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test("jitter stays within a fifth and below the longest delay", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const delayMs = (createBackoff({}, clock, () => random)(attempt, lost) ?? 0) - 1_000;
      const planMs = Math.min(1_000 * 2 ** (attempt - 1), 30_000);
      expect(delayMs).toBeGreaterThanOrEqual(Math.floor(planMs * 0.8));
      expect(delayMs).toBeLessThanOrEqual(Math.min(Math.ceil(planMs * 1.2), 30_000));
    }),
  );
});

test("the gateway may say when, within reason", () => {
  const backoff = createBackoff({}, clock, () => 0.5);
  const busy = (retryAfterMs: number) => new GatewayError("UNAVAILABLE", "busy", { retryAfterMs });
  expect([0, 250, 3_600_000].map((ms) => (backoff(9, busy(ms)) ?? 0) - 1_000)).toEqual([100, 250, 30_000]);
});
