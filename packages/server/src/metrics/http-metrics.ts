import type { MiddlewareHandler } from "hono";
import { routeOf } from "../http/route-of.ts";
import { createCounter, createHistogram, type Instrument, requestSeconds } from "./instruments.ts";

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

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
