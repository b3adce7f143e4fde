import type { MethodName, Result } from "@openclaw-gateway/protocol";
import { limits } from "@openclaw-gateway/protocol/wire";
import { type Args, type ClientOptions, createCoreClient, type GatewayClient } from "./core/index.ts";
import { openWsSocket } from "./transport-ws.ts";

/** Options on Node: the socket is `ws`, the address defaults to the gateway of this machine. */
export type NodeClientOptions = Omit<ClientOptions, "openSocket" | "url"> &
  Partial<Pick<ClientOptions, "openSocket" | "url">>;

/** Builds a client for Node. It does nothing until `connect()`. */
export function createGatewayClient(options: NodeClientOptions = {}): GatewayClient {
  return createCoreClient({
    url: `ws://127.0.0.1:${limits.defaultPort}`,
    openSocket: openWsSocket,
    methodSince,
    ...options,
    client: { platform: process.platform, ...options.client },
  });
}

/** The catalogue loads its schemas; only a gateway older than this client makes that worth while. */
async function methodSince(method: string): Promise<number | undefined> {
  const { findMethod } = await import("@openclaw-gateway/protocol");
  return findMethod(method)?.since;
}

/** Connects once, calls one method and closes. Rejects as `connect()` and `request()` do. */
export async function call<M extends MethodName>(
  options: NodeClientOptions,
  method: M,
  ...args: Args<M>
): Promise<Result<M>> {
  const client = createGatewayClient({ reconnect: false, ...options });
  try {
    await client.connect();
    return await client.request(method, ...args);
  } finally {
    await client.close();
  }
}
