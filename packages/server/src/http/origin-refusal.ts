import type { IncomingMessage } from "node:http";
import { isAllowedOrigin } from "../auth/origin.ts";
import type { Peer } from "../transport/transport.ts";

/** Why a page of an origin gets no connection, and the setting that would change it. Tells nothing else about the gateway. */
export type OriginRefusal = { origin: string; message: string; setting: object };

const maxShownChars = 200;

/** The refusal of a page that says where it comes from; undefined when it may connect. */
export function refusalOfOrigin(origin: string, peer: Peer, allowed: readonly string[]): OriginRefusal | undefined {
  if (isAllowedOrigin(origin, peer, allowed)) return undefined;
  const shown = origin.slice(0, maxShownChars);
  return {
    origin: shown,
    message: `origin ${JSON.stringify(shown)} is not allowed; open the Control UI from the gateway's own address or add the origin to gateway.controlUi.allowedOrigins`,
    setting: { gateway: { controlUi: { allowedOrigins: [shown] } } },
  };
}

/**
 * The origin that a page will have in the browser that asks for it, as far as the request tells. Behind a proxy that
 * speaks of nothing only the browser knows; it sends `Sec-Fetch-*` over HTTPS and to its own machine.
 */
export function originOfPage({ headers, socket }: IncomingMessage): string | undefined {
  if (headers.origin !== undefined) return headers.origin;
  if (headers.host === undefined) return undefined;
  const forwarded = headers["x-forwarded-proto"];
  const isHttps =
    "encrypted" in socket || (forwarded === undefined ? headers["sec-fetch-mode"] !== undefined : forwarded !== "http");
  return `${isHttps ? "https" : "http"}://${headers.host.toLowerCase()}`;
}

/** The body for programs; the type is one of a few stable words. */
export const toErrorBody = ({ message, setting }: OriginRefusal) => ({
  error: { message, type: "origin_not_allowed", setting },
});
