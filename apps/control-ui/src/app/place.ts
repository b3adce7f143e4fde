/** Where the gateway serves this page: empty for the root, else a path without a slash at its end. The page itself says it. */
export function placeOfPage(page: Pick<Document, "querySelector">): string {
  const written = page.querySelector<HTMLMetaElement>('meta[name="gateway-place"]')?.content ?? "";
  // Untouched when no gateway served it, but a development server.
  return written.startsWith("/") ? written.replace(/\/+$/, "") : "";
}

/** The gateway that served the page, and no other: nothing in the address can name one. */
export const gatewayUrlOf = (origin: string, place: string): string => `${origin}${place}/ws`;
