import type { HttpBindings } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import type { Api } from "./api/api.ts";
import { requestIdOf } from "./request-id.ts";
import { type BeforeConnectDeps, createBeforeConnect } from "./before-connect.ts";
import { createControlUi } from "./control-ui.ts";
import { createSecurityHeaders } from "./security-headers.ts";

export type HttpDeps = {
  /** Whether the gateway can take work now, and what each part is doing. */
  readiness: () => { ready: boolean; parts: Record<string, { state: string; reason?: string }> };
  /** The value of `Strict-Transport-Security`, where it is wanted. */
  hsts?: () => string | undefined;
  /** Answers to a dashboard that has no connection yet. */
  dashboard?: BeforeConnectDeps;
  /** The HTTP API; loaded with its first request. Without it there is none. */
  api?: () => Promise<Api>;
  /** Count, time and trace every request. */
  watches?: readonly MiddlewareHandler[];
  /** Answers `/metrics`, where the configuration has it. */
  metricsPage?: (request: HttpBindings["incoming"]) => Promise<Response | undefined>;
  /** The built dashboard; a gateway without one says so. */
  controlUiDir: string | undefined;
  /** Where the dashboard is: empty for the root, or a path without a slash at its end. */
  basePath?: string;
};

/** Where the addresses of the HTTP API lie. */
const apiPaths = ["/v1/*", "/tools/*"];

/** Everything the port answers that is not a WebSocket. */
export function createHttp(deps: HttpDeps) {
  const { readiness, controlUiDir, basePath = "", hsts, dashboard, api, watches = [], metricsPage } = deps;
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const watch of watches) app.use("*", watch);
  app.use("*", nameRequest);
  app.use("*", createSecurityHeaders(hsts));
  app.on(["GET", "HEAD"], ["/healthz", "/health"], (c) =>
    c.json({ ok: true, status: "live" }, 200, { "Cache-Control": "no-store" }),
  );
  app.on(["GET", "HEAD"], ["/readyz", "/ready"], (c) => {
    const { ready, parts } = readiness();
    return c.json({ ready, parts }, ready ? 200 : 503, { "Cache-Control": "no-store" });
  });
  if (metricsPage) app.get("/metrics", async (c, next) => (await metricsPage(c.env.incoming)) ?? next());
  if (dashboard) app.route(basePath, createBeforeConnect({ basePath, ...dashboard }));
  if (api) {
    const throughApi = viaApi(api);
    for (const path of apiPaths) app.use(path, throughApi);
  }
  if (controlUiDir === undefined) {
    app.get("*", (c) => c.text("The Control UI is not part of this installation. The gateway itself is running.", 404));
    app.all("*", (c) => c.text("Method Not Allowed", 405));
    return app;
  }
  app.route(basePath, createControlUi({ dir: controlUiDir, basePath, refusalOf: dashboard?.refusalOf }));
  if (basePath !== "") app.get("/", (c) => c.redirect(`${basePath}/`, 302));
  return app;
}

/** Every answer has an id; those of the API have the one their log lines carry. */
const nameRequest: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("x-request-id")) c.header("x-request-id", requestIdOf(c.req.header("x-request-id")));
};

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
