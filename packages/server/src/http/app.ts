import type { HttpBindings } from "@hono/node-server";
import { GatewayError } from "@openclaw-gateway/protocol";
import { Hono } from "hono";
import type { Principal } from "../rpc/principal.ts";
import { createControlUi } from "./control-ui.ts";
import { createSecurityHeaders } from "./security-headers.ts";

export type HttpDeps = {
  /** Whether the gateway can take work now, and what each part is doing. */
  readiness: () => { ready: boolean; parts: Record<string, { state: string; reason?: string }> };
  /** The value of `Strict-Transport-Security`, where it is wanted. */
  hsts?: string | undefined;
  /** What a dashboard may know before it connects; secrets are none of it. Without it there is no such page. */
  dashboard?: {
    /** Who sends a request; throws the refusal. */
    callerOf: (request: HttpBindings["incoming"]) => Promise<Principal>;
    facts: () => { assistantName: string; assistantAgentId: string; serverVersion: string };
  };
  /** The built dashboard; a gateway without one says so. */
  controlUiDir: string | undefined;
};

/** Everything the port answers that is not a WebSocket. */
export function createHttp({ readiness, controlUiDir, hsts, dashboard }: HttpDeps) {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use("*", createSecurityHeaders(hsts));
  app.on(["GET", "HEAD"], ["/healthz", "/health"], (c) =>
    c.json({ ok: true, status: "live" }, 200, { "Cache-Control": "no-store" }),
  );
  app.on(["GET", "HEAD"], ["/readyz", "/ready"], (c) => {
    const { ready, parts } = readiness();
    return c.json({ ready, parts }, ready ? 200 : 503, { "Cache-Control": "no-store" });
  });
  if (dashboard) {
    app.get("/control-ui-config.json", async (c) => {
      c.header("Cache-Control", "no-store");
      try {
        await dashboard.callerOf(c.env.incoming);
      } catch (error) {
        return refuseCaller(error);
      }
      return c.json({ basePath: "", terminalEnabled: false, ...dashboard.facts() });
    });
  }
  if (controlUiDir !== undefined) app.route("/", createControlUi(controlUiDir));
  else
    app.get("*", (c) => c.text("The Control UI is not part of this installation. The gateway itself is running.", 404));
  return app;
}

/** A refused credential in the form HTTP clients read: the message they know, and beside it what to do. */
function refuseCaller(error: unknown): Response {
  if (!(error instanceof GatewayError)) throw error;
  const { details, retryAfterMs } = error.wire;
  const status = details?.["code"] === "AUTH_RATE_LIMITED" ? 429 : 401;
  const headers = retryAfterMs === undefined ? {} : { "Retry-After": String(Math.ceil(retryAfterMs / 1_000)) };
  const body = {
    error: { message: "Unauthorized", type: "unauthorized", code: details?.["code"], hint: details?.["hint"] },
  };
  return Response.json(body, { status, headers: { "Cache-Control": "no-store", ...headers } });
}
