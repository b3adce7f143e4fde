import { isIP } from "node:net";

/**
 * Whether a page of this origin may open a link here: it is listed, or it was served under the very name it now asks for.
 * A name that anybody could point at this machine (DNS rebinding) is its own only over HTTPS, which needs a certificate.
 */
export function isAllowedOrigin(origin: string, host: string | null, allowed: readonly string[]): boolean {
  const page = URL.parse(origin);
  // Browsers send the one serialised form; any other spelling comes from something that only looks like one.
  if (page?.origin !== origin || !["http:", "https:"].includes(page.protocol)) return false;
  if (allowed.some((entry) => URL.parse(entry)?.origin === origin)) return true;
  if (host === null || URL.parse(`${page.protocol}//${host}/`)?.host !== page.host) return false;
  return page.protocol === "https:" || isOwnName(page.hostname);
}

function isOwnName(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) !== 0 || !bare.includes(".") || bare.endsWith(".localhost");
}
