import { OutboundError } from "./outbound-error.ts";

/** One request on its way through redirects. Header names are lower case. */
export type Hop = {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | undefined;
};

/** What may be told to an origin that the caller did not name. */
const harmless = new Set(["accept", "accept-language", "user-agent"]);

/**
 * The request that a redirect asks for. Another origin gets no header of the caller but what says which answers are
 * understood, and never a body; a redirect that would need one there is refused.
 */
export function followRedirect(hop: Hop, status: number, location: string): Hop {
  if (!URL.canParse(location, hop.url.href))
    throw new OutboundError("redirect", `${hop.url.host} redirects to no address`);
  const url = new URL(location, hop.url);
  const becomesGet = status === 303 ? hop.method !== "HEAD" : status <= 302 && hop.method === "POST";
  const kept = becomesGet ? { ...hop, method: "GET", body: undefined, headers: withoutBody(hop.headers) } : hop;
  if (url.origin === hop.url.origin) return { ...kept, url };
  if (kept.body !== undefined) {
    throw new OutboundError("redirect", `${hop.url.host} redirects a request with a body to ${url.host}`);
  }
  const headers = Object.fromEntries(Object.entries(kept.headers).filter(([name]) => harmless.has(name)));
  return { ...kept, url, headers };
}

const withoutBody = (headers: Hop["headers"]) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("content-")));
