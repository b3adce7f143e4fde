import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { canonicalAddress, isLoopbackAddress, isTailnetAddress } from "../auth/address.ts";
import type { Peer } from "../transport/transport.ts";

const forwardingHeaders = ["x-forwarded-for", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "forwarded"];

/**
 * Who is at the other end. The address is the socket's; only when that is a trusted proxy, the address it forwarded for
 * takes its place. Of all headers that name somebody nothing leaves this function but to a trusted proxy's account.
 */
export function toPeer(request: IncomingMessage, trustedProxies: readonly string[]): Peer {
  const { headers, socket } = request;
  const socketAddress = canonicalAddress(socket.remoteAddress);
  const isThisMachine = isLoopbackAddress(socketAddress);
  const trusted = new Set(trustedProxies.map(canonicalAddress));
  const isProxied = trusted.has(socketAddress);
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const forwarded = forwardingHeaders.some((name) => headers[name] !== undefined);
  const address = (isProxied ? clientBehind(header("x-forwarded-for"), trusted) : undefined) ?? socketAddress;
  const { host, origin, "user-agent": userAgent } = headers;
  const query = request.url?.indexOf("?") ?? -1;
  const urlToken = query < 0 ? null : new URLSearchParams(request.url?.slice(query)).get("token");
  const login = isThisMachine ? header("tailscale-user-login") : undefined;
  return {
    address,
    isLoopback: isThisMachine && !forwarded,
    // What is said of the way before a proxy can only make it worse.
    isSecure:
      "encrypted" in socket ||
      ((isThisMachine || isProxied) && header("x-forwarded-proto") !== "http") ||
      (isTailnetAddress(socketAddress) && isTailnetAddress(canonicalAddress(socket.localAddress))),
    headers: {
      ...(host !== undefined && { host }),
      ...(origin !== undefined && { origin }),
      ...(userAgent !== undefined && { userAgent }),
      forwarded,
    },
    ...(urlToken && { urlToken }),
    ...(isProxied && { via: { address: socketAddress, isThisMachine, header } }),
    ...(login !== undefined && { tailnet: { login, address: clientBehind(header("x-forwarded-for"), trusted) } }),
  };
}

/** The nearest address of a forwarding chain that is no trusted proxy: what lies before it is only somebody's claim. */
function clientBehind(chain: string | undefined, trusted: ReadonlySet<string>): string | undefined {
  const hops = (chain ?? "").split(",").map((hop) => canonicalAddress(hop.trim()));
  const nearest = hops.findLast((hop) => !trusted.has(hop));
  return nearest !== undefined && isIP(nearest) !== 0 ? nearest : undefined;
}
