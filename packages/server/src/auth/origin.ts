/**
 * Whether a browser page of this origin may open a socket here: its host and port are the ones it asks for, or it is
 * listed. Every spelling goes through the URL parser; what it cannot read is refused, and so is `null`.
 */
export function isAllowedOrigin(origin: string, host: string | undefined, allowed: readonly string[]): boolean {
  const parsed = parseOrigin(origin);
  // Browsers send the one serialised form; any other spelling comes from something that only looks like one.
  if (!parsed || parsed.origin !== origin) return false;
  if (allowed.some((entry) => entry === "*" || parseOrigin(entry)?.origin === parsed.origin)) return true;
  const own = host === undefined ? undefined : parseHost(host, parsed.protocol);
  return own !== undefined && parsed.host === own;
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
