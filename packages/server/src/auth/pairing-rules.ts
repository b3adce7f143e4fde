import { coversScopes } from "@openclaw-gateway/protocol";

/** What let a caller in. `local` is a gateway that asks this machine for nothing. */
export type CredentialKind = "shared" | "local" | "device-token" | "bootstrap" | "trusted-proxy" | "tailscale";

/** What a device wants, and what is known about the way it came. */
export type PairingClaim = {
  role: string;
  /** Asked for, with the default filled in. */
  scopes: readonly string[];
  credential: CredentialKind;
  /** What the credential itself allows at most. */
  granted: readonly string[];
  isLocal: boolean;
  isBrowser: boolean;
  /** Whether nobody on the way can read along. */
  isSecure: boolean;
};

/** What was approved for the device and the role it comes in. */
export type Approved = {
  roles: readonly string[];
  token: { scopes: readonly string[]; isRevoked: boolean } | undefined;
};

export type AskReason = "not-paired" | "role-upgrade" | "scope-upgrade";
export type PairingVerdict =
  /** Let in with what was approved before. */
  | { do: "admit" }
  /** Let in for this connection; nothing is remembered and no token is made. */
  | { do: "admit-unpaired" }
  /** Paired without a question. */
  | { do: "pair" }
  | { do: "ask"; reason: AskReason }
  | { do: "refuse"; reason: "insecure-transport" | "beyond-code" };

/** Roles that a device may get without a question. What other roles may do is chosen by who approves them. */
const unquestioned: readonly string[] = ["operator", "node"];

/**
 * Whether a device is let in. Without a question a device is paired only when it is new and comes from this machine with
 * the secret, or from anywhere with a one-time code; a machine that is paired already may offer commands too, because
 * those are approved by themselves. More scopes, the role of an operator and a revoked role are always asked for.
 */
export function judgePairing(claim: PairingClaim, known: Approved | undefined): PairingVerdict {
  const { credential, granted, role, scopes } = claim;
  // A user whom somebody else vouches for is no device; what they may do hangs on them.
  if (credential === "trusted-proxy") return { do: "admit-unpaired" };
  if (known) {
    const { token } = known;
    if (known.roles.includes(role) && token && !token.isRevoked) {
      if (coversScopes(token.scopes, scopes)) return { do: "admit" };
      return enrol(claim, "scope-upgrade");
    }
    const isOffer = role === "node" && !token;
    return isOffer && claim.isLocal && credential === "shared" ? { do: "pair" } : enrol(claim, "role-upgrade");
  }
  if (credential === "bootstrap") {
    return coversScopes(granted, scopes) ? { do: "pair" } : { do: "refuse", reason: "beyond-code" };
  }
  if (claim.isLocal && unquestioned.includes(role)) {
    if (credential === "shared") return { do: "pair" };
    if (credential === "local") return claim.isBrowser ? { do: "admit-unpaired" } : { do: "pair" };
  }
  return enrol(claim, "not-paired");
}

/** Over a line that others can read, nobody becomes admin. */
const enrol = ({ isSecure, scopes }: PairingClaim, reason: AskReason): PairingVerdict =>
  !isSecure && scopes.includes("operator.admin")
    ? { do: "refuse", reason: "insecure-transport" }
    : { do: "ask", reason };
