import { canonicalAddress } from "./address.ts";
import type { Secret } from "../platform/secret.ts";
import type { Peer } from "../transport/transport.ts";
import { refusals } from "./refusals.ts";

/** `gateway.auth.trustedProxy`: who the proxy is and what its users may do. */
export type TrustedProxyAuth = {
  /** The header that carries the user; lower case. */
  userHeader: string;
  /** Headers that must be there too. */
  requiredHeaders: readonly string[];
  /** Empty allows every user the proxy lets through. */
  allowUsers: readonly string[];
  /** What the proxy shows in `secretHeader`. Without one no proxy on this machine is believed: any program could be it. */
  secret: Secret | undefined;
  secretHeader: string;
  /** What its users may do at most. */
  scopes: readonly string[];
};

/** The user a trusted proxy vouches for. Throws the refusal. Headers of anybody else never get this far. */
export function proxiedUser(proxy: TrustedProxyAuth, peer: Peer): string {
  const { via } = peer;
  if (!via) throw refusals.proxy("untrusted");
  const isProven = proxy.secret ? proxy.secret.equals(via.header(proxy.secretHeader) ?? "") : !via.isThisMachine;
  if (!isProven) throw refusals.proxy("secret");
  const user = via.header(proxy.userHeader)?.trim();
  const lacking = proxy.requiredHeaders.some((name) => !via.header(name));
  if (!user || lacking) throw refusals.proxy("identity");
  if (proxy.allowUsers.length > 0 && !proxy.allowUsers.includes(user)) throw refusals.proxy("user");
  return user;
}

/** Whether the socket of a peer is still that of a proxy that is believed. */
export const isTrustedProxy = ({ via }: Peer, trustedProxies: readonly string[]): boolean =>
  via !== undefined && trustedProxies.some((address) => canonicalAddress(address) === via.address);
