import type { MiddlewareHandler } from "hono";
import { createCounter, createHistogram, type Instrument, requestSeconds } from "./instruments.ts";

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
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A path as one of a few templates; files of the dashboard and what nobody serves are one. */
export function routeOf(path: string): string {
  if (exact.has(path)) return path;
  const family = families.find((prefix) => path.startsWith(prefix));
  return family === undefined ? "other" : `${family}*`;
}

export function createHttpMetrics(): { middleware: MiddlewareHandler; instruments: readonly Instrument[] } {
  const requests = createCounter({
    name: "openclaw_http_requests_total",
    help: "HTTP requests by route, method and status.",
    labels: ["route", "method", "status"],
  });
  const seconds = createHistogram(
    {
      name: "openclaw_http_request_duration_seconds",
      help: "Time from an HTTP request to the head of its answer.",
      labels: ["route"],
    },
    requestSeconds,
  );
  return {
    middleware: async (c, next) => {
      const begunMs = performance.now();
      await next();
      const route = routeOf(c.req.path);
      const method = methods.has(c.req.method) ? c.req.method : "other";
      requests.add([route, method, String(c.res.status)]);
      seconds.observe([route], (performance.now() - begunMs) / 1_000);
    },
    instruments: [requests, seconds],
  };
}
