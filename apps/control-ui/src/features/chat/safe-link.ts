const safeSchemes = new Set(["http:", "https:", "mailto:"]);

/**
 * An address a model may offer to click. Only absolute ones: a relative link would be an order to this gateway. None
 * with a user name, which is there to look like another host.
 */
export function safeLink(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const url = URL.parse(address);
  if (url === null || !safeSchemes.has(url.protocol)) return undefined;
  return url.username === "" && url.password === "" ? url.href : undefined;
}
