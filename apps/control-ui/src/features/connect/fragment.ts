import type { Credential } from "./credential.ts";

/**
 * Takes the token or the one-time code out of a `#token=…` or `#code=…` fragment. `rest` is the address without it, for
 * the address bar; undefined when there is nothing to take.
 */
export function takeFragment(address: string): { credential: Credential | undefined; rest: string } | undefined {
  const url = new URL(address);
  const fragment = new URLSearchParams(url.hash.slice(1));
  if (!fragment.has("token") && !fragment.has("code")) return undefined;
  const token = fragment.get("token")?.trim();
  const code = fragment.get("code")?.trim();
  fragment.delete("token");
  fragment.delete("code");
  url.hash = fragment.toString();
  const rest = url.pathname + url.search + url.hash;
  if (token) return { credential: { kind: "secret", secret: token }, rest };
  return { credential: code ? { kind: "code", code: bareCode(code) } : undefined, rest };
}

/**
 * The code itself: a set-up code, as telephones scan it, holds an address beside it. That address is not followed: the
 * page speaks to the gateway it came from.
 */
function bareCode(text: string): string {
  try {
    const decoded: unknown = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    const isSetupCode = typeof decoded === "object" && decoded !== null && "bootstrapToken" in decoded;
    return isSetupCode && typeof decoded.bootstrapToken === "string" ? decoded.bootstrapToken : text;
  } catch {
    return text;
  }
}
