import type { HttpBindings } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import type { Principal } from "../rpc/principal.ts";
import type { Api } from "./api/api.ts";
import { refusedCaller } from "./api/api-error.ts";
import { createControlUi } from "./control-ui.ts";
import { createSecurityHeaders } from "./security-headers.ts";

export type HttpDeps = {
  /** Whether the gateway can take work now, and what each part is doing. */
  readiness: () => { ready: boolean; parts: Record<string, { state: string; reason?: string }> };
  /** The value of `Strict-Transport-Security`, where it is wanted. */
  hsts?: () => string | undefined;
  /** What a dashboard may know before it connects; secrets are none of it. Without it there is no such page. */
  dashboard?: {
    /** Who sends a request; throws the refusal. */
    callerOf: (request: HttpBindings["incoming"]) => Promise<Principal>;
    facts: () => { assistantName: string; assistantAgentId: string; serverVersion: string };
  };
  /** The HTTP API; loaded with its first request. Without it there is none. */
  api?: () => Promise<Api>;
  /** The built dashboard; a gateway without one says so. */
  controlUiDir: string | undefined;
};

/** Where the addresses of the HTTP API lie. */
const apiPaths = ["/v1/*", "/tools/*"];

/** Everything the port answers that is not a WebSocket. */
export function createHttp({ readiness, controlUiDir, hsts, dashboard, api }: HttpDeps) {
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
        return refusedCaller(error).toResponse();
      }
      return c.json({ basePath: "", terminalEnabled: false, ...dashboard.facts() });
    });
  }
  if (api) {
    const throughApi = viaApi(api);
    for (const path of apiPaths) app.use(path, throughApi);
  }
  if (controlUiDir !== undefined) app.route("/", createControlUi(controlUiDir));
  else
    app.get("*", (c) => c.text("The Control UI is not part of this installation. The gateway itself is running.", 404));
  return app;
}

/** What is no address of the API, as it is configured now, goes on as any other. */
function viaApi(load: () => Promise<Api>): MiddlewareHandler<{ Bindings: HttpBindings }> {
  let loaded: Promise<Api> | undefined;
  return async (c, next) => {
    loaded ??= load();
    // What could not be loaded may be tried again.
    loaded.catch(() => (loaded = undefined));
    const answer = await (await loaded)(c.req.raw, c.env);
    if (!answer) return next();
    c.res = answer;
    return undefined;
  };
}
