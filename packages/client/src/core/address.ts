import { limits } from "@openclaw-gateway/protocol/wire";

/** Where to connect, and the token the address carried in its fragment. */
export type Address = { url: string; token: string | undefined };

const schemes: Readonly<Record<string, string>> = { "ws:": "ws:", "wss:": "wss:", "http:": "ws:", "https:": "wss:" };

/**
 * Reads what people paste: a WebSocket or page address with any path, or `host`, `host:port`. The fragment is never
 * sent; `#token=…`, as the gateway prints it, becomes the token.
 */
export function parseAddress(text: string): Address {
  const trimmed = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  const url = URL.parse(hasScheme ? trimmed : `ws://${trimmed}`);
  const scheme = url === null ? undefined : schemes[url.protocol];
  if (url === null || scheme === undefined || url.hostname === "") {
    throw new TypeError(`not a gateway address: ${trimmed === "" ? "(empty)" : trimmed.replace(/[#?].*/s, "")}`);
  }
  if (!hasScheme && url.port === "") url.port = String(limits.defaultPort);
  const token = new URLSearchParams(url.hash.slice(1)).get("token") ?? undefined;
  const path = url.pathname + url.search;
  return { url: `${scheme}//${url.host}${path}`, token };
}
