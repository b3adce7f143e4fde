import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { whyNotPublic } from "./public-address.ts";

describe("T-F6: addresses of the own network are refused in every spelling", () => {
  test.each([
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["10.0.0.1", "private"],
    ["100.64.0.1", "carrierGradeNat"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["169.254.169.254", "linkLocal"],
    ["172.16.0.1", "private"],
    ["192.168.1.1", "private"],
    ["192.0.2.1", "reserved"],
    ["198.18.0.1", "reserved"],
    ["224.0.0.1", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "broadcast"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["::7f00:1", "reserved"],
    ["::127.0.0.1", "reserved"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::ffff:169.254.169.254", "linkLocal"],
    ["::ffff:0:127.0.0.1", "loopback"],
    ["64:ff9b::7f00:1", "loopback"],
    ["64:ff9b::a9fe:a9fe", "linkLocal"],
    ["64:ff9b:1::a00:1", "rfc6052"],
    ["2002:7f00:1::", "6to4"],
    ["2001::1", "teredo"],
    ["2001:db8::1", "reserved"],
    ["fc00::1", "uniqueLocal"],
    ["fd00:ec2::254", "uniqueLocal"],
    ["fe80::1", "linkLocal"],
    ["fe80::1%eth0", "linkLocal"],
    ["2606:4700::1%eth0", "linkLocal"],
    ["fec0::1", "deprecatedSiteLocal"],
    ["ff02::1", "multicast"],
    ["localhost", "not an address"],
    ["", "not an address"],
  ])("%s", (address, reason) => {
    expect(whyNotPublic(address)).toBe(reason);
  });

  test.each(["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])(
    "%s is public",
    (address) => {
      expect(whyNotPublic(address)).toBeUndefined();
    },
  );

  test("what an IPv6 address carries is judged as the address it carries", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom("::ffff:", "::ffff:0:", "64:ff9b::"), (address, prefix) => {
        expect(whyNotPublic(prefix + address)).toBe(whyNotPublic(address));
      }),
    );
  });

  test("no IPv6 address outside 2000::/3 is public, but those that carry IPv4", () => {
    fc.assert(
      fc.property(
        fc.ipV6().filter((address) => !/^[23][0-9a-f]{3}:/i.test(address)),
        (address) => {
          const carries = /^(64:ff9b::|::ffff:|(0+:){4,5}ffff:|0*64:ff9b:(0+:){4})/i.test(address);
          fc.pre(!carries);
          expect(whyNotPublic(address)).toBeTypeOf("string");
        },
      ),
    );
  });
});
