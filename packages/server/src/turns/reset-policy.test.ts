import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isStale, lastHour, type ResetConfig, resetPolicy } from "./reset-policy.ts";

const zone = process.env["TZ"];
const local = (text: string): number => new Date(text).getTime();
const main = { key: "agent:main:main", channel: "webchat" };

describe("the rule of a session", () => {
  test.each<
    [name: string, config: ResetConfig, key: string, hour: number | undefined, idleMinutes: number | undefined]
  >([
    ["at four when nothing is said", {}, "agent:main:main", 4, undefined],
    ["idle alone, as before there were rules", { idleMinutes: 30 }, "agent:main:main", undefined, 30],
    ["a rule with both", { reset: { atHour: 6, idleMinutes: 30 } }, "agent:main:main", 6, 30],
    ["idle without minutes", { reset: { mode: "idle" } }, "agent:main:main", undefined, 60],
    ["the old minutes beside a rule", { idleMinutes: 30, reset: { mode: "daily" } }, "agent:main:main", 4, 30],
    ["by kind", { resetByType: { group: { mode: "idle", idleMinutes: 5 } } }, "agent:main:x:group:1", undefined, 5],
    ["a kind that is not named", { resetByType: { group: { mode: "idle" } } }, "agent:main:main", 4, undefined],
    ["the old name of direct", { resetByType: { dm: { atHour: 1 } } }, "agent:main:main", 1, undefined],
    [
      "threads of a group",
      { resetByType: { thread: { atHour: 2 }, group: { atHour: 3 } } },
      "agent:main:x:group:1:topic:2",
      2,
      undefined,
    ],
    [
      "a channel wins",
      { resetByType: { direct: { atHour: 1 } }, resetByChannel: { webchat: { atHour: 9 } } },
      "agent:main:main",
      9,
      undefined,
    ],
  ])("%s", (_name, config, key, hour, idleMinutes) => {
    expect(resetPolicy(config, { ...main, key })).toEqual({
      dailyAtHour: hour,
      idleMs: idleMinutes && idleMinutes * 60_000,
    });
  });
});

describe("in Berlin", () => {
  beforeEach(() => {
    process.env["TZ"] = "Europe/Berlin";
  });
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  test.each([
    ["2026-06-02T03:59", 4, "2026-06-01T04:00"],
    ["2026-06-02T04:00", 4, "2026-06-02T04:00"],
    ["2026-03-01T00:30", 4, "2026-02-28T04:00"],
    // Two o'clock does not come on this day: three follows.
    ["2026-03-29T05:00", 2, "2026-03-29T03:00"],
    // It comes twice on this one.
    ["2026-10-25T01:30:00Z", 2, "2026-10-25T00:00:00Z"],
    ["2026-10-25T05:00", 4, "2026-10-25T04:00"],
  ])("at %s, %i o'clock was last %s", (at, hour, last) => {
    expect(new Date(lastHour(local(at), hour)).toISOString()).toBe(new Date(local(last)).toISOString());
  });

  test("the last hour is never ahead and never more than 25 hours ago; each hour ends a session once", () => {
    const moment = fc.integer({ min: local("2025-01-01T00:00"), max: local("2028-01-01T00:00") });
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: 23 }), (at, hour) => {
        const last = lastHour(at, hour);
        expect(last).toBeLessThanOrEqual(at);
        expect(at - last).toBeLessThanOrEqual(25 * 3_600_000);
        expect(lastHour(last, hour)).toBe(last);
        const policy = { dailyAtHour: hour, idleMs: undefined };
        expect(isStale(policy, { sessionStartedAt: last - 1, lastInteractionAt: at }, at)).toBe(true);
        expect(isStale(policy, { sessionStartedAt: last, lastInteractionAt: last }, at)).toBe(false);
      }),
    );
  });
});

test("idle time counts from the last interaction, whichever rule is met first", () => {
  const policy = { dailyAtHour: undefined, idleMs: 60_000 };
  expect(isStale(policy, { sessionStartedAt: 0, lastInteractionAt: 1_000 }, 61_000)).toBe(false);
  expect(isStale(policy, { sessionStartedAt: 0, lastInteractionAt: 1_000 }, 61_001)).toBe(true);
});
