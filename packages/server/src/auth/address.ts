import { isIPv4, isIPv6 } from "node:net";

/** One spelling per address: IPv4 inside IPv6 becomes IPv4, zones are dropped, IPv6 is lower case. */
export function canonicalAddress(address: string | undefined): string {
  if (!address) return "unknown";
  const bare = address.split("%")[0]!.toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  return mapped ? mapped[1]! : bare;
}

export function isLoopbackAddress(address: string): boolean {
  return (isIPv4(address) && address.startsWith("127.")) || address === "::1";
}

/** What a limiter counts by: a single IPv4 address, or the /64 network an IPv6 host can choose its address from. */
export function limiterAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return `${[...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(":")}::/64`;
}

/** Tailnet addresses lie in 100.64.0.0/10; what goes between two of them is encrypted. */
export const isTailnetAddress = (address: string): boolean =>
  isIPv4(address) && /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address);
