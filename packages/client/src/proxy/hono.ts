import type { Context, MiddlewareHandler } from "hono";
import type { UpgradeWebSocket } from "hono/ws";
import { createGatewayProxy } from "./gateway-proxy.ts";
import type { GatewayProxyOptions } from "./options.ts";
import { isServerSocket } from "./ws-socket.ts";

export type HonoGatewayProxyOptions = GatewayProxyOptions & {
  /** Of `@hono/node-server` (from 2.0) or of `@hono/node-ws`: both hand out sockets of `ws`. */
  upgradeWebSocket: UpgradeWebSocket<unknown>;
};

export interface HonoGatewayProxy {
  /** `app.get("/api/gateway/ws", proxy.handler)`, behind whatever middleware the route has. */
  readonly handler: MiddlewareHandler;
  /** Pages that are connected. */
  readonly connections: number;
  /** Closes every link with 1012 and takes no more; resolves when all sockets are gone. Before the server is closed. */
  close(): Promise<void>;
}

/** Builds a proxy for a route of a Hono app on Node. */
export function createHonoGatewayProxy({ upgradeWebSocket, ...options }: HonoGatewayProxyOptions): HonoGatewayProxy {
  const proxy = createGatewayProxy(options);
  return {
    handler: async (context: Context, next) => {
      if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
        return context.text("this path takes WebSockets only\n", 426, { upgrade: "websocket" });
      }
      const verdict = await proxy.admit(context.req.raw);
      if (!verdict.ok) {
        return new Response(`${verdict.message}\n`, { status: verdict.status });
      }
      const upgrade = upgradeWebSocket(() => ({
        onOpen: (_event, socket) => {
          if (isServerSocket(socket.raw)) return verdict.accept(socket.raw);
          socket.close(1011, "this server's sockets cannot be proxied");
        },
      }));
      return upgrade(context, next);
    },
    get connections() {
      return proxy.connections;
    },
    close: () => proxy.close(),
  };
}
export type * from "./types.ts";
