import type { Peer } from "../transport/transport.ts";

/**
 * Whether a connection comes from this machine: its socket does, it asks for this machine by name, and nobody forwarded
 * it. What headers say can only take that away.
 */
export const isLocalPeer = (peer: Peer): boolean =>
  peer.isLoopback && !peer.headers.forwarded && isLoopbackHost(peer.headers.host);

function isLoopbackHost(host: string | undefined): boolean {
  const name = host?.toLowerCase().replace(/:\d+$/, "");
  return name === "localhost" || name === "127.0.0.1" || name === "[::1]";
}
