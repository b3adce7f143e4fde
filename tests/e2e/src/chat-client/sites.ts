import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer, upgradeWebSocket } from "@hono/node-server";
import { createHonoGatewayProxy } from "@openclaw-gateway/client/proxy/hono";
import { registerGatewayProxy } from "@openclaw-gateway/client/proxy/next";
import { attachGatewayProxy, type FindGateway, type ProxyEvent } from "@openclaw-gateway/client/proxy/node";
import { Hono } from "hono";
import { WebSocketServer } from "ws";
import { html } from "./bundle.ts";

type Proxy = { close(): Promise<void> };
type Options = { gateway: FindGateway; onEvent(event: ProxyEvent): void };

/** Servers that deliver the page, each with its proxy. */
export const siteKinds = ["node", "hono", "next", "next with its own server"] as const;
export type SiteKind = (typeof siteKinds)[number];

export type Site = AsyncDisposable & { readonly origin: string; readonly events: readonly ProxyEvent[] };

export async function startSite(kind: SiteKind, script: string, gateway: FindGateway): Promise<Site> {
  const events: ProxyEvent[] = [];
  const options: Options = { gateway, onEvent: (event) => void events.push(event) };
  const { server, proxy } = kind === "hono" ? honoSite(script, options) : nodeSite(kind, script, options);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

function nodeSite(kind: SiteKind, script: string, options: Options): { server: Server; proxy: Proxy } {
  const early = kind === "next" ? registerGatewayProxy(options) : undefined;
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html").end(isScript ? script : html);
  });
  // Next.js ends the socket of every upgrade whose path one of its pages could have.
  if (kind !== "node") server.on("upgrade", (_request: unknown, socket: Duplex) => socket.end());
  return { server, proxy: early ?? attachGatewayProxy(server, options) };
}

function honoSite(script: string, options: Options): { server: Server; proxy: Proxy } {
  const proxy = createHonoGatewayProxy({ upgradeWebSocket, ...options });
  const app = new Hono();
  app.get("/api/gateway/ws", proxy.handler);
  app.get("/page.js", (context) => context.body(script, 200, { "content-type": "text/javascript" }));
  app.get("/", (context) => context.html(html));
  const server = createAdaptorServer({
    fetch: app.fetch,
    // @ts-expect-error Its types are exact about an option of `ws` that may be undefined in those of `ws`.
    websocket: { server: new WebSocketServer({ noServer: true }) },
  });
  return { server: server as Server, proxy };
}
