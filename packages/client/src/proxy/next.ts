import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import {
  type AttachedGatewayProxy,
  type AttachOptions,
  createNodeGatewayProxy,
  defaultPath,
  serveOn,
} from "./node-upgrade.ts";

/** Published by Node for every connection that a server accepts, before anything of it is read. */
const acceptedChannel = "net.server.socket";

/** One registration in a process, also when a development server loads its modules again. */
const registered = Symbol.for("openclaw-gateway.proxy");
const registry: { [registered]?: AttachedGatewayProxy } = globalThis as { [registered]?: AttachedGatewayProxy };

/**
 * For `register()` in `instrumentation.ts`: route handlers of Next.js cannot upgrade, so the proxy takes the upgrade
 * requests of its path from the HTTP server that Next.js runs itself. With a server of your own use `attachGatewayProxy`.
 */
export function registerGatewayProxy({ path = defaultPath, ...options }: AttachOptions = {}): AttachedGatewayProxy {
  // The links of the module that was replaced end as in a restart; their pages come back at once.
  void registry[registered]?.close();
  const proxy = createNodeGatewayProxy(options);
  const detach = new Map<object, () => void>();
  const onAccepted = (message: unknown): void => {
    const { server } = (message as { socket: { server?: unknown } }).socket;
    const isHttp = server instanceof HttpServer || server instanceof HttpsServer;
    if (isHttp && !detach.has(server)) detach.set(server, serveOn(server, path, proxy));
  };
  subscribe(acceptedChannel, onAccepted);
  const attached: AttachedGatewayProxy = {
    get connections() {
      return proxy.connections;
    },
    close: () => {
      unsubscribe(acceptedChannel, onAccepted);
      for (const one of detach.values()) one();
      detach.clear();
      if (registry[registered] === attached) delete registry[registered];
      return proxy.close();
    },
  };
  registry[registered] = attached;
  return attached;
}

export { type AttachedGatewayProxy, attachGatewayProxy, type AttachOptions } from "./node-upgrade.ts";
export type * from "./types.ts";
