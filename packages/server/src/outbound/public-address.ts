import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** Addresses of the public IPv6 internet (RFC 4291); everything outside is reserved or local. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** All groups in hexadecimal: the library reads `::1.2.3.4` as `::ffff:1.2.3.4`, which is another address. */
const withoutDots = (address: string) => new URL(`http://[${address}]/`).hostname.slice(1, -1);

/** Prefixes under which a host or a network translates the last four bytes back to IPv4 (RFC 4291, 2765, 6052). */
const translated = ["::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"].map((prefix) => ipaddr.IPv6.parseCIDR(prefix));

function carriedAddress(address: ipaddr.IPv6): string | undefined {
  if (!translated.some((prefix) => address.match(prefix))) return undefined;
  return address.toByteArray().slice(12).join(".");
}

/**
 * Why nothing that a model or a user chose may be fetched from this IP address, in the words of the registries
 * (`loopback`, `private`, `linkLocal`, `uniqueLocal`, …); nothing for an address of the public internet. IPv4 carried
 * inside IPv6 (mapped, translated, NAT64) counts as what it carries; tunnels (6to4, Teredo) are refused.
 */
export function whyNotPublic(address: string): string | undefined {
  if (isIPv4(address)) {
    const range = ipaddr.IPv4.parse(address).range();
    return range === "unicast" ? undefined : range;
  }
  if (!isIPv6(address)) return "not an address";
  if (address.includes("%")) return "linkLocal";
  const parsed = ipaddr.IPv6.parse(withoutDots(address));
  const carried = carriedAddress(parsed);
  if (carried) return whyNotPublic(carried);
  const range = parsed.range();
  if (range !== "unicast") return range;
  return parsed.match(globalUnicast) ? undefined : "reserved";
}
