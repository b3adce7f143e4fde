const exact: ReadonlySet<string> = new Set([
  "/healthz",
  "/health",
  "/readyz",
  "/ready",
  "/metrics",
  "/v1/models",
  "/v1/chat/completions",
  "/v1/responses",
  "/v1/embeddings",
  "/tools/invoke",
]);
const families = ["/v1/models/", "/v1/responses/", "/v1/", "/tools/", "/hooks/"];

/** A path as one of a few templates; files of the dashboard and what nobody serves are one. */
export function routeOf(path: string): string {
  if (exact.has(path)) return path;
  const family = families.find((prefix) => path.startsWith(prefix));
  return family === undefined ? "other" : `${family}*`;
}
