import type { InsideMethodName, MethodName, Params, Result } from "@openclaw-gateway/protocol";
import type { GatewayConfig } from "../../config/schema.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { CallListeners } from "../../rpc/handler.ts";
import type { Principal } from "../../rpc/principal.ts";
import type { Peer } from "../../transport/transport.ts";

/** `gateway.http.endpoints` as it is now. */
export type Endpoints = NonNullable<NonNullable<NonNullable<GatewayConfig["gateway"]>["http"]>["endpoints"]>;

/** One request whose sender is known and may ask. */
export type ApiCall = {
  /** Names the request in answers (`x-request-id`) and in the log. */
  readonly requestId: string;
  readonly principal: Principal;
  readonly peer: Peer;
  readonly clock: Clock;
  readonly log: Log;
  readonly endpoints: Endpoints;
  /** Parts of the path that the route names. */
  readonly path: Readonly<Record<string, string>>;
  /** Parsed JSON; `{}` for requests without a body. */
  readonly body: unknown;
  header(name: string): string | undefined;
  /** Aborts when the client has gone before the answer was whole. */
  readonly signal: AbortSignal;
  /** The one door: a method of the gateway, as this caller. */
  call<M extends MethodName | InsideMethodName>(
    method: M,
    params: Params<M>,
    listeners?: CallListeners<M>,
  ): Promise<Result<M>>;
};

/** One address of the HTTP API. */
export type ApiRoute = {
  method: "GET" | "POST" | "DELETE";
  /** In Hono's form. */
  path: string;
  /** Whether the configuration offers it; the address is none of ours otherwise. */
  isOffered(endpoints: Endpoints): boolean;
  /** The method of the gateway that it comes down to: who may not call that is refused before a body is read. */
  needs: MethodName | InsideMethodName;
  maxBodyBytes(endpoints: Endpoints): number;
  /** Throws `ApiError` or `GatewayError`. */
  answer(call: ApiCall): Promise<Response>;
};
