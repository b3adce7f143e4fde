import { execFile } from "node:child_process";
import type { Peer } from "../transport/transport.ts";
import { refusals } from "./refusals.ts";

/** Asks the local tailscaled who has a tailnet address; undefined when it does not know. */
export type Whois = (address: string) => Promise<{ login: string } | undefined>;

const timeoutMs = 5_000;

/** The command that comes with tailscaled. It asks over a socket that only this machine has. */
export const tailscaleWhois: Whois = (address) =>
  new Promise((resolve) => {
    execFile("tailscale", ["whois", "--json", address], { timeout: timeoutMs, maxBuffer: 1_000_000 }, (error, stdout) =>
      resolve(error ? undefined : readLogin(stdout)),
    );
  });

function readLogin(text: string): { login: string } | undefined {
  try {
    const told = JSON.parse(text) as { UserProfile?: { LoginName?: unknown } };
    const login = told.UserProfile?.LoginName;
    return typeof login === "string" && login !== "" ? { login } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The tailnet user behind `tailscale serve`. The headers are a claim; what counts is what tailscaled says about the
 * address they name. Throws the refusal.
 */
export async function tailnetUser(peer: Peer, whois: Whois): Promise<string> {
  const claim = peer.tailnet;
  if (!claim?.address) throw refusals.tailscale("PROXY_MISSING");
  const told = await whois(claim.address).catch(() => undefined);
  if (!told) throw refusals.tailscale("WHOIS_FAILED");
  if (told.login.toLowerCase() !== claim.login.toLowerCase()) throw refusals.tailscale("IDENTITY_MISMATCH");
  return told.login;
}
