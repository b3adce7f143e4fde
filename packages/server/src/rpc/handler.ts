import type {
  Accepted,
  InsideMethodName,
  MethodGroup,
  MethodName,
  MethodSpec,
  Params,
  Progress as ProgressOf,
  Result,
} from "@openclaw-gateway/protocol";
import type { z } from "zod";
import type { Principal } from "./principal.ts";

/** The connection a call came in on; calls from HTTP, cron or tools have none. */
export interface CallerConnection {
  readonly id: string;
  /** Canonical remote address. */
  readonly address: string;
  /** What the client declared in `connect.caps`. */
  readonly caps: ReadonlySet<string>;
  readonly toolEventsFollowVerbose: boolean;
  /** What the client asked to be told about; lives as long as the connection. */
  readonly subscriptions: { sessions: boolean; readonly messagesOf: Set<string>; readonly streams: Set<string> };
  /** What was published when the connection began to receive events. */
  readonly joinedAtMark: number;
}

/** What a handler may know about its caller, for this request only. */
export type RequestContext = {
  principal: Principal;
  connection?: CallerConnection;
  /** Aborts when the caller has gone. A run does not hang on it. */
  signal: AbortSignal;
};

/** What a caller hears before the answer. */
export type CallListeners<M extends MethodName | InsideMethodName> = {
  accept?(payload: Accepted<M>): void;
  progress?(payload: ProgressOf<M>): void;
};

/** A method as a client would call it: found, authorized and validated like any other request. */
export type CallMethod = <M extends MethodName | InsideMethodName>(
  method: M,
  params: Params<M>,
  ctx: RequestContext & CallListeners<M>,
) => Promise<Result<M>>;

type Accept<S> = S extends { accepted: infer A extends z.ZodType } ? { accept(payload: z.input<A>): void } : object;
type Progress<S> = S extends { progress: infer P extends z.ZodType } ? { progress(payload: z.input<P>): void } : object;
export type Handler<S extends MethodSpec> = (
  params: z.output<S["params"]>,
  ctx: RequestContext & Accept<S> & Progress<S>,
) => z.input<S["result"]> | Promise<z.input<S["result"]>>;
/** A handler for every method of a group: a missing, misspelt or wrongly typed one does not compile. */
export type Handlers<G extends MethodGroup> = { [M in keyof G]: Handler<G[M]> };

export const implement = <G extends MethodGroup>(_specs: G, handlers: NoInfer<Handlers<G>>): Handlers<G> => handlers;
