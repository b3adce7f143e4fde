import { isAllowedOrigin } from "../../auth/origin.ts";
import type { Peer } from "../../transport/transport.ts";
import { ApiError } from "./api-error.ts";

export type BrowserMarks = {
  origin: string | undefined;
  /** `Sec-Fetch-Site`, which pages cannot set. */
  site: string | undefined;
  contentType: string | undefined;
  hasAuthorization: boolean;
};

/**
 * Refuses what a page of another site could make a browser send. A gateway that lets this machine, a proxy's user or the
 * tailnet in without a bearer would otherwise act for whoever wrote that page. JSON is asked for where nothing but the way
 * of the request speaks for the caller: a page cannot send it to another site without being asked first.
 */
export function refuseCrossSite(
  { origin, site, contentType, hasAuthorization }: BrowserMarks,
  { peer, isMutating, allowedOrigins }: { peer: Peer; isMutating: boolean; allowedOrigins: readonly string[] },
): void {
  const isListed = origin !== undefined && isAllowedOrigin(origin, peer, allowedOrigins);
  const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
  if ((origin !== undefined || isForeign) && !isListed) {
    throw new ApiError(
      403,
      "requests of pages from other sites are refused; add the page's origin to gateway.controlUi.allowedOrigins",
      { type: "permission_error", code: "origin_not_allowed" },
    );
  }
  if (isMutating && !hasAuthorization && !isJson(contentType)) {
    throw new ApiError(415, "a request without an Authorization header must have Content-Type: application/json", {
      code: "content_type_required",
    });
  }
}

const isJson = (contentType: string | undefined): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType ?? "");
