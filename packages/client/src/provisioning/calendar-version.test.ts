import fc from "fast-check";
import { expect, test } from "vitest";
import { compareCalendarVersions, parseCalendarVersion } from "./calendar-version.ts";

test.each([
  ["2026.1.30", [2026, 1, 30, 0]],
  ["v2026.11.20", [2026, 11, 20, 0]],
  [" 2026.2.9-3 ", [2026, 2, 9, 3]],
  ["dev", undefined],
  ["", undefined],
  ["1.2.3", undefined],
  ["2026.13.1", undefined],
  ["2026.1.0", undefined],
  ["2026.1", undefined],
  ["2026.1.30-beta", undefined],
])("%j", (text, version) => {
  expect(parseCalendarVersion(text)).toEqual(version);
});

test("later releases are greater", () => {
  const texts = ["2025.12.31", "2026.1.3", "2026.1.29", "2026.1.30", "2026.1.30-1", "2026.1.30-10", "2026.2.9"];
  const versions = texts.map(parseCalendarVersion).filter((version) => version !== undefined);
  expect(versions).toHaveLength(texts.length);
  expect(versions.toReversed().toSorted(compareCalendarVersions)).toEqual(versions);
});

const version = fc.tuple(
  fc.integer({ min: 2000, max: 2100 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 31 }),
  fc.integer({ min: 0, max: 99 }),
);

test("what is written is read back, and the order is one", () => {
  fc.assert(
    fc.property(version, version, (one, other) => {
      const [year, month, day, release] = one;
      expect(parseCalendarVersion(`${year}.${month}.${day}-${release}`)).toEqual(one);
      expect(Math.sign(compareCalendarVersions(one, other))).toBe(-Math.sign(compareCalendarVersions(other, one)) + 0);
      expect(compareCalendarVersions(one, one)).toBe(0);
    }),
  );
});
