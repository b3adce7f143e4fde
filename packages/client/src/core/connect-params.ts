import type { ConnectRequest } from "@openclaw-gateway/protocol";
import { streamPositionsCap } from "@openclaw-gateway/protocol/wire";
import type { Clock } from "./clock.ts";
import type { Challenge } from "./connection.ts";
import type { ClientOptions } from "./options.ts";

/** The newest protocol version this client speaks. */
export const newestProtocol = 4;

/** What this client can do with events, whoever uses it. */
const ownCaps = (role: string): string[] => (role === "operator" ? [streamPositionsCap] : []);

/** Writes the params of `connect`, signed when the client has a device. */
export async function buildConnectParams(
  options: ClientOptions,
  challenge: Challenge,
  clock: Clock,
): Promise<ConnectRequest> {
  const { token, password, deviceToken, bootstrapToken, role = "operator" } = options;
  const client = {
    id: "gateway-client",
    mode: "backend",
    version: "0.0.0",
    platform: "unknown",
    ...options.client,
  } as const satisfies ConnectRequest["client"];
  const auth = {
    ...(token === undefined ? {} : { token }),
    ...(token === undefined && deviceToken !== undefined ? { deviceToken } : {}),
    ...(token === undefined && deviceToken === undefined && bootstrapToken !== undefined ? { bootstrapToken } : {}),
    ...(password === undefined ? {} : { password }),
  };
  const params: ConnectRequest = {
    minProtocol: options.minProtocol ?? 3,
    maxProtocol: options.maxProtocol ?? newestProtocol,
    client,
    role,
    caps: [...new Set([...(options.caps ?? []), ...ownCaps(role)])],
    ...(options.scopes ? { scopes: [...options.scopes] } : {}),
    ...(options.commands ? { commands: [...options.commands] } : {}),
    ...(options.permissions ? { permissions: { ...options.permissions } } : {}),
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
    ...(options.locale ? { locale: options.locale } : {}),
    ...(options.userAgent ? { userAgent: options.userAgent } : {}),
  };
  if (!options.signDevice) return params;
  const device = await options.signDevice({
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes: options.scopes ?? [],
    signedAtMs: challenge.tsMs ?? clock.now(),
    token: auth.token ?? auth.deviceToken ?? auth.bootstrapToken ?? "",
    nonce: challenge.nonce,
    platform: client.platform,
    ...(client.deviceFamily === undefined ? {} : { deviceFamily: client.deviceFamily }),
  });
  return { ...params, device };
}
