import type { MethodName, Result } from "@openclaw-gateway/protocol";
import { limits } from "@openclaw-gateway/protocol/wire";
import { type Args, type ClientOptions, createCoreClient, type GatewayClient, parseAddress } from "./core/index.ts";
import { createWsOpener } from "./transport-ws.ts";

/** Options on Node: the socket is `ws`, the address defaults to the gateway of this machine. */
export type NodeClientOptions = Omit<ClientOptions, "openSocket" | "url"> &
  Partial<Pick<ClientOptions, "openSocket" | "url">> & {
    /**
     * SHA-256 of the gateway's certificate, in hex with or without colons: the client talks to no other. Needs a `wss:`
     * address. Default: a certificate that this machine trusts.
     */
    tlsFingerprint?: string | undefined;
  };

/** Builds a client for Node. It does nothing until `connect()`. */
export function createNodeClient({ tlsFingerprint, ...options }: NodeClientOptions = {}): GatewayClient {
  const { url = `ws://127.0.0.1:${limits.defaultPort}` } = options;
  if (tlsFingerprint !== undefined && !parseAddress(url).url.startsWith("wss:")) {
    // Without TLS there is no certificate to compare, and somebody who pins wants no gateway without one.
    throw new TypeError("a TLS fingerprint needs a wss:// or https:// address");
  }
  return createCoreClient({
    openSocket: createWsOpener({ tlsFingerprint }),
    methodSince,
    ...options,
    url,
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
  const client = createNodeClient({ reconnect: false, ...options });
  try {
    await client.connect();
    return await client.request(method, ...args);
  } finally {
    await client.close();
  }
}
