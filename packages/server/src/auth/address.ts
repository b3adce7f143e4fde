import { isIP, isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

/** One spelling per address: IPv4 inside IPv6 becomes IPv4, zones are dropped, IPv6 is short and in lower case. */
export function canonicalAddress(address: string | undefined): string {
  if (!address) return "unknown";
  const bare = address.split("%")[0]!.toLowerCase();
  if (isIP(bare) !== 6) return bare;
  // In hexadecimal groups first: the library reads `::1.2.3.4` as `::ffff:1.2.3.4`, which is another address.
  const groups = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const parsed = ipaddr.IPv6.parse(groups);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : groups;
}

export function isLoopbackAddress(address: string): boolean {
  return (isIPv4(address) && address.startsWith("127.")) || address === "::1";
}

/** What a limiter counts by: a single IPv4 address, or the /64 network an IPv6 host can choose its address from. */
export function limiterAddress(address: string): string {
  const canonical = canonicalAddress(address);
  if (isIP(canonical) !== 6) return canonical;
  const network = ipaddr.IPv6.parse(canonical).parts.slice(0, 4);
  return `${network.map((part) => part.toString(16)).join(":")}::/64`;
}

/** Tailnet addresses lie in 100.64.0.0/10; what goes between two of them is encrypted. */
export const isTailnetAddress = (address: string): boolean =>
  isIPv4(address) && /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address);
