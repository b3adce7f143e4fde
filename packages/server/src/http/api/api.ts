import type { HttpBindings } from "@hono/node-server";
import { insideDialect } from "@openclaw-gateway/protocol";
import { type Context, Hono } from "hono";
import type { HttpCaller } from "../../auth/http-caller.ts";
import type { LiveAccess } from "../../auth/grant.ts";
import type { GatewayConfig } from "../../config/schema.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { authorize } from "../../rpc/authorize.ts";
import type { CallMethod } from "../../rpc/handler.ts";
import type { Principal } from "../../rpc/principal.ts";
import type { Peer } from "../../transport/transport.ts";
import { requestIdOf } from "../request-id.ts";
import { describeFailure, refusedCaller } from "./api-error.ts";
import { readJson } from "./body.ts";
import { refuseCrossSite } from "./cross-site.ts";
import type { ApiCall, ApiRoute, Endpoints } from "./route.ts";

/** Objects and lists inside each other that a body may have; JSON Schemas of tools are the deepest that is sent. */
const maxDepth = 64;

export type ApiDeps = {
  routes: readonly ApiRoute[];
  callerOf: HttpCaller;
  liveAccess: LiveAccess;
  peerOf: (request: HttpBindings["incoming"]) => Peer;
  call: CallMethod;
  config: () => GatewayConfig;
  allowedOrigins: () => readonly string[];
  clock: Clock;
  log: Log;
};

type Bindings = { Bindings: HttpBindings };

/**
 * The HTTP API. Every route goes the same way: method, site, credential, right, body, and then through the router like
 * any other entrance. Resolves to undefined for what is no address of the API, as it is configured now.
 */
export function createApi(deps: ApiDeps) {
  const { clock, log } = deps;
  const endpoints = (): Endpoints => deps.config().gateway?.http?.endpoints ?? {};
  const app = new Hono<Bindings>();
  const notOurs = new Response(null, { status: 404 });

  for (const path of new Set(deps.routes.map((route) => route.path))) {
    app.all(path, async (c) => {
      const offered = deps.routes.filter((route) => route.path === path && route.isOffered(endpoints()));
      if (offered.length === 0) return notOurs;
      // A GET of Hono answers HEAD too.
      const wanted = c.req.method === "HEAD" ? "GET" : c.req.method;
      const route = offered.find(({ method }) => method === wanted);
      if (!route) return c.text("Method Not Allowed", 405, { Allow: offered.map(({ method }) => method).join(", ") });
      const requestId = requestIdOf(c.req.header("x-request-id"));
      const response = await answer(route, c, requestId);
      response.headers.set("x-request-id", requestId);
      // Recorded; the platform leaves it out because JSON has no other.
      if (response.headers.get("content-type") === "application/json")
        response.headers.set("content-type", "application/json; charset=utf-8");
      return response;
    });
  }
  app.notFound(() => notOurs);

  async function answer(route: ApiRoute, c: Context<Bindings>, requestId: string): Promise<Response> {
    try {
      const { principal, peer } = await admit(route, c);
      const { incoming, outgoing } = c.env;
      // A stream that goes on must not outlive what let its caller in.
      outgoing.once(
        "close",
        deps.liveAccess.hold(principal, () => incoming.socket.destroy()),
      );
      const body = route.method === "POST" ? await readJson(c.req.raw, limitsOf(route)) : {};
      const { signal } = c.req.raw;
      const call: ApiCall["call"] = (method, params, listeners) =>
        deps.call(method, params, { principal, signal, ...listeners });
      return await route.answer({
        requestId,
        principal,
        peer,
        clock,
        log,
        endpoints: endpoints(),
        path: c.req.param(),
        body,
        header: (name) => c.req.header(name),
        signal,
        call,
      });
    } catch (error) {
      return describeFailure(error, { requestId, log }).toResponse();
    }
  }

  /** Who asks, when they may. Nothing of the body has been read yet. */
  async function admit(route: ApiRoute, c: Context<Bindings>): Promise<{ principal: Principal; peer: Peer }> {
    const authorization = c.req.header("authorization");
    const peer = deps.peerOf(c.env.incoming);
    refuseCrossSite(
      {
        origin: c.req.header("origin"),
        site: c.req.header("sec-fetch-site"),
        contentType: c.req.header("content-type"),
        hasAuthorization: authorization !== undefined,
      },
      { peer, isMutating: route.method !== "GET", allowedOrigins: deps.allowedOrigins() },
    );
    const asked = c.req.header("x-openclaw-scopes");
    const principal = await Promise.resolve(deps.callerOf(authorization, peer, asked)).catch((error: unknown) => {
      throw refusedCaller(error);
    });
    const refusal = authorize(principal, route.needs, insideDialect.methods.get(route.needs));
    if (refusal) throw refusal;
    return { principal, peer };
  }

  const limitsOf = (route: ApiRoute) => ({ maxBytes: route.maxBodyBytes(endpoints()), maxDepth });

  return async (request: Request, env: HttpBindings): Promise<Response | undefined> => {
    const response = await app.fetch(request, env);
    return response === notOurs ? undefined : response;
  };
}
export type Api = ReturnType<typeof createApi>;
