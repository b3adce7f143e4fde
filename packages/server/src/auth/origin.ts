import { isIP } from "node:net";
import { hostname } from "node:os";

/** What a browser asked for, and whether a proxy that is trusted passed it on. */
export type Asked = { headers: { host?: string }; via?: object };

/**
 * Whether a browser page of this origin may open a socket here: its host and port are the ones it asks for, or it is
 * listed. Every spelling goes through the URL parser; what it cannot read is refused, and so is `null`. A name that
 * anybody could point at this machine (DNS rebinding) is not taken for its own, unless a certificate for it stood in
 * between: a page of a foreign site would pass for ours.
 */
export function isAllowedOrigin(origin: string, asked: Asked, allowed: readonly string[]): boolean {
  const { host } = asked.headers;
  const parsed = parseOrigin(origin);
  // Browsers send the one serialised form; any other spelling comes from something that only looks like one.
  if (!parsed || parsed.origin !== origin) return false;
  if (allowed.some((entry) => entry === "*" || parseOrigin(entry)?.origin === parsed.origin)) return true;
  const own = host === undefined ? undefined : parseHost(host, parsed.protocol);
  return (
    own !== undefined &&
    parsed.host === own &&
    (asked.via !== undefined || parsed.protocol === "https:" || isOwnName(parsed.hostname))
  );
}

/** Names that the public name system cannot lead here: addresses, this machine's name, names without a domain, the tailnet. */
function isOwnName(name: string): boolean {
  const bare = name.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0 || !bare.includes(".")) return true;
  const own = hostname().toLowerCase();
  return bare === own || bare === `${own}.local` || bare.endsWith(".localhost") || bare.endsWith(".ts.net");
}

function parseOrigin(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const isBare =
    url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  return isBare && !url.hostname.endsWith(".") ? url : undefined;
}

function parseHost(host: string, protocol: string): string | undefined {
  const text = `${protocol}//${host}/`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.username === "" && url.password === "" && url.pathname === "/" ? url.host : undefined;
}
