import type { ConnectParams } from "@openclaw-gateway/protocol";
import type { Principal } from "../rpc/principal.ts";
import type { Peer } from "../transport/transport.ts";
import type { Credentials } from "./credentials.ts";
import { isLocalPeer } from "./locality.ts";
import { everyScope, effectiveScopes } from "./scopes-of.ts";

/** How a caller without a handshake is spoken of. */
const client = { id: "gateway-client", mode: "backend", version: "http", platform: "http" } as const satisfies Pick<
  ConnectParams["client"],
  "id" | "mode" | "version" | "platform"
>;

/** Who sends an HTTP request. `asked` is what they want to be able to do at most; everything where omitted. Throws the refusal. */
export type HttpCaller = (authorization: string | undefined, peer: Peer, asked?: string) => Promise<Principal>;

/**
 * Callers over HTTP: the same credentials, looked at and counted by the same code as on a socket. A bearer is the token, the
 * password or the token of a paired device, which may do what the token allows; a token in the address is none.
 */
export function createHttpCaller(credentials: Credentials): HttpCaller {
  return async (authorization, { urlToken: _, ...peer }, asked) => {
    const bearer = /^Bearer +(\S.*?) *$/i.exec(authorization ?? "")?.[1];
    const shown = bearer === undefined ? { client } : { client, bearer, auth: { token: bearer, password: bearer } };
    const credential = await credentials.check(shown, peer, "operator", isLocalPeer(peer));
    const { user, deviceId } = credential;
    return {
      id: deviceId ?? (user === undefined ? "shared:http" : `user:${user}`),
      role: "operator",
      scopes: effectiveScopes(asked === undefined ? everyScope : asked.split(/[\s,]+/), credential.granted),
      displayName: user ?? "http",
      ...(deviceId !== undefined && { deviceId }),
      credential: credential.kind,
      grant: credential.grant,
      causedByAgent: false,
    };
  };
}
