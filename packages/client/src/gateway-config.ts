import { limits } from "@openclaw-gateway/protocol/wire";
import { parseAddress } from "./core/index.ts";
import type { DeviceIdentity } from "./device-identity.ts";
import { clientOptionsFromEnvironment, type Environment } from "./environment.ts";
import type { NodeClientOptions } from "./node-client.ts";

/** Which gateway, and as whom. Times are milliseconds. */
export type GatewayConfig = Omit<
  NodeClientOptions,
  "reconnect" | "retryFirstConnect" | "signDevice" | "deviceTokens"
> & {
  /** In the place of `url`. Default: `127.0.0.1`. */
  host?: string | undefined;
  /** In the place of `url`. Default: 18789. */
  port?: number | undefined;
  /**
   * A device of this machine, or the file of one (made when missing, mode 0600). Its key proves who connects; the token
   * the gateway gives to it is kept in the file and shown next time.
   */
  device?: string | DeviceIdentity | undefined;
  /** Where `OPENCLAW_…` variables are read. Default: `process.env`. */
  environment?: Environment;
};

export type GatewayTarget = { url: string; token: string | undefined };

/**
 * The address is `url`, else `host` and `port`, else `OPENCLAW_GATEWAY_URL`, else this machine's. The token is `token`,
 * else that in the address, else `OPENCLAW_GATEWAY_TOKEN`, else `OPENCLAW_AUTH_TOKEN`; but the environment's token goes to
 * the environment's gateway only: the one it names, or any on this machine when it names none.
 */
export function findTarget(
  { url, host, port, token }: Pick<GatewayConfig, "url" | "host" | "port" | "token">,
  environment: Environment,
): GatewayTarget {
  const told = clientOptionsFromEnvironment(environment);
  const chosen = url ?? (host === undefined && port === undefined ? undefined : join(host, port));
  const address = parseAddress(chosen ?? told.url ?? join());
  if (token !== undefined || address.token !== undefined) return { url: address.url, token: token ?? address.token };
  const { host: target, hostname } = new URL(address.url);
  const isTold = told.url === undefined ? isLoopback(hostname) : new URL(parseAddress(told.url).url).host === target;
  return { url: address.url, token: isTold ? told.token : undefined };
}

const join = (host = "127.0.0.1", port: number = limits.defaultPort): string =>
  // An address of IPv6 has colons of its own.
  `ws://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
