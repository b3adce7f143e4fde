import type { MiddlewareHandler } from "hono";

/** No inline script or style, no frames, nothing from elsewhere and nothing to elsewhere; sockets to the page's own host. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What every answer says to browsers. Whether they may come by plain HTTP again is for the installation to say. */
export const createSecurityHeaders =
  (hsts: () => string | undefined = () => undefined): MiddlewareHandler =>
  async (c, next) => {
    await next();
    c.header("X-Frame-Options", "DENY");
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "no-referrer");
    // A page may have a stricter one of its own.
    if (!c.res.headers.has("Content-Security-Policy")) c.header("Content-Security-Policy", contentSecurityPolicy);
    c.header("Cross-Origin-Opener-Policy", "same-origin");
    c.header("Cross-Origin-Resource-Policy", "same-origin");
    const transport = hsts();
    if (transport !== undefined) c.header("Strict-Transport-Security", transport);
  };
