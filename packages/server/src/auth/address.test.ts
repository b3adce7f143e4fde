import { expect, test } from "vitest";
import { canonicalAddress, isLoopbackAddress, limiterAddress } from "./address.ts";

test.each([
  ["::ffff:127.0.0.1", "127.0.0.1", true],
  ["127.8.9.10", "127.8.9.10", true],
  ["::1", "::1", true],
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
