import { Hono } from "hono";
import { createControlUi } from "./control-ui.ts";
import { createSecurityHeaders } from "./security-headers.ts";

export type HttpDeps = {
  /** Whether the gateway can take work now, and what each part is doing. */
  readiness: () => { ready: boolean; parts: Record<string, { state: string; reason?: string }> };
  /** The value of `Strict-Transport-Security`, where it is wanted. */
  hsts?: string | undefined;
  /** The built dashboard; a gateway without one says so. */
  controlUiDir: string | undefined;
};

/** Everything the port answers that is not a WebSocket. */
export function createHttp({ readiness, controlUiDir, hsts }: HttpDeps): Hono {
  const app = new Hono();
  app.use("*", createSecurityHeaders(hsts));
  app.on(["GET", "HEAD"], ["/healthz", "/health"], (c) =>
    c.json({ ok: true, status: "live" }, 200, { "Cache-Control": "no-store" }),
  );
  app.on(["GET", "HEAD"], ["/readyz", "/ready"], (c) => {
    const { ready, parts } = readiness();
    return c.json({ ready, parts }, ready ? 200 : 503, { "Cache-Control": "no-store" });
  });
  if (controlUiDir !== undefined) app.route("/", createControlUi(controlUiDir));
  else
    app.get("*", (c) => c.text("The Control UI is not part of this installation. The gateway itself is running.", 404));
  return app;
}
