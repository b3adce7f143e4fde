import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalAddress, isLoopbackAddress, limiterAddress } from "./address.ts";

test.each([
  ["::ffff:127.0.0.1", "127.0.0.1", true],
  ["127.8.9.10", "127.8.9.10", true],
  ["::1", "::1", true],
  ["::ffff:7f00:1", "127.0.0.1", true],
  ["0:0:0:0:0:FFFF:7F00:0001", "127.0.0.1", true],
  ["::127.0.0.1", "::7f00:1", false],
  ["FE80::1%eth0", "fe80::1", false],
  ["10.0.0.1", "10.0.0.1", false],
  [undefined, "unknown", false],
])("%s is %s", (given, canonical, loopback) => {
  expect(canonicalAddress(given)).toBe(canonical);
  expect(isLoopbackAddress(canonicalAddress(given))).toBe(loopback);
});

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["::1", "0:0:0:0::/64"],
])("%s counts as %s", (address, counted) => {
  expect(limiterAddress(address)).toBe(counted);
});

const hex = (groups: readonly number[]): string[] => groups.map((group) => group.toString(16));
const group = fc.integer({ min: 0, max: 0xffff });

test("T-G3: every spelling of an address is counted as one, and hosts of a /64 network too", () => {
  const ipv4 = fc.property(fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 255 }))), (bytes) => {
    const [a, b, c, d] = bytes as [number, number, number, number];
    const dotted = bytes.join(".");
    const groups = hex([0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d]).join(":");
    const spellings = [dotted, `::ffff:${dotted}`, `::FFFF:${dotted}`, groups, groups.toUpperCase()];
    return new Set(spellings.map(limiterAddress)).size === 1 && limiterAddress(dotted) === dotted;
  });
  expect(() => fc.assert(ipv4, { numRuns: casesOf(10_000) })).not.toThrow();
  const ipv6 = fc.property(
    fc.array(group, { minLength: 8, maxLength: 8 }),
    fc.array(group, { minLength: 4, maxLength: 4 }),
    (groups, host) => {
      const network = [0x2001, ...groups.slice(1, 4)];
      const one = hex([...network, ...groups.slice(4)]);
      const spellings = [
        one.join(":"),
        one.map((part) => part.padStart(4, "0")).join(":"),
        `${one.join(":").toUpperCase()}%eth0`,
        hex([...network, ...host]).join(":"),
      ];
      return new Set(spellings.map(limiterAddress)).size === 1;
    },
  );
  expect(() => fc.assert(ipv6, { numRuns: casesOf(10_000) })).not.toThrow();
});
