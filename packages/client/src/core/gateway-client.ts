import type { EventName, HelloOk, MethodName, Payload, Result } from "@openclaw-gateway/protocol";
import type { EventFrame } from "@openclaw-gateway/protocol/wire";
import type { Api, Args } from "./api.ts";
import type { ConnState } from "./connection.ts";
import type { FollowOptions, Following, FollowTarget } from "./followings.ts";
import type { RequestOptions } from "./options.ts";
import type { Subscription, SubscribeMethod } from "./subscriptions.ts";

/** Event numbers of the connection that did not arrive; `received` is undefined when a lost connection left it open. */
export type Gap = { expected: number; received: number | undefined };

/** Ends what the call that returned it began; calling it again does nothing. */
export type Unsubscribe = () => void;

/** A connection to a gateway that keeps itself alive. */
export interface GatewayClient {
  /**
   * Connects and resolves with `hello-ok`. Rejects with the gateway's `GatewayError` when it refuses, or with
   * `ConnectionError("timeout")` after `connectTimeoutMs`; a reconnecting client then goes on trying until `close()`.
   */
  connect(): Promise<HelloOk>;
  /** Ends the story: rejects what is pending and resolves when the socket is gone. `connect()` may begin a new one. */
  close(): Promise<void>;
  /**
   * Calls a method. Held until `hello-ok` when the link is not ready. Rejects with `GatewayError` for what the gateway
   * refused, `ConnectionError` for what was lost; a request that was sent is never sent again.
   */
  request<M extends MethodName>(method: M, ...args: Args<M>): Promise<Result<M>>;
  /** `request` for names the catalogue does not know (plugins, the command line). */
  requestUntyped(method: string, params?: unknown, options?: RequestOptions): Promise<unknown>;
  /** The same methods as nested members: `api.sessions.list({ limit: 10 })`. */
  readonly api: Api;
  /** Listens to one event. A listener that throws disturbs nobody else. */
  on<E extends EventName>(event: E, listener: (payload: Payload<E>) => void): Unsubscribe;
  /** Listens to every event frame, known to the catalogue or not. */
  onEvent(listener: (frame: EventFrame) => void): Unsubscribe;
  /** Reports missing event numbers; state built from events should then be read again. */
  onGap(listener: (gap: Gap) => void): Unsubscribe;
  /** Reports each new connection state. */
  onState(listener: (state: ConnState) => void): Unsubscribe;
  /** Calls a `….subscribe` method now and again after every reconnect, until it is stopped. */
  subscribe<M extends SubscribeMethod>(method: M, ...args: Args<M>): Subscription<Result<M>>;
  /**
   * Follows a session or a run: its events reach the usual listeners each once and in order, over any number of
   * reconnects. What a gateway no longer keeps is told by `onSnapshot`.
   */
  follow(target: FollowTarget, options?: FollowOptions): Following;
  readonly state: ConnState;
  /** What the gateway said when the present link became ready; undefined while there is none. */
  readonly hello: HelloOk | undefined;
  /**
   * Looks after the link at once instead of waiting: a waiting client tries now, a ready one asks for a sign of life and
   * opens a new link when none comes within `timeoutMs` (default 5000).
   */
  checkLink(timeoutMs?: number): void;
  /** Stops the tick watchdog, for times when timers or delivery are not to be trusted; the returned call resumes it. */
  pauseWatchdog(): () => void;
}
