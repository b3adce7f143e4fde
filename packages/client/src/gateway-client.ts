import type { EventName, HelloOk, MethodName, Params, Payload, Result, SessionRow } from "@openclaw-gateway/protocol";
import type { EventFrame } from "@openclaw-gateway/protocol/wire";
import { type Api, type Args, createApi } from "./core/api.ts";
import {
  ConnectionError,
  type ConnState,
  type GatewayClient as CoreClient,
  createRandomId,
  type FollowOptions,
  type Following,
  type FollowTarget,
  type Gap,
  GatewayError,
  type OpenSocket,
  type ReconnectDelays,
  type RequestOptions,
  type SubscribeMethod,
  type Subscription,
  type Unsubscribe,
} from "./core/index.ts";
import { asDevice } from "./device-options.ts";
import { createEventHub } from "./event-hub.ts";
import { type ConnectionMode, modeFromEnvironment } from "./environment.ts";
import { findTarget, type GatewayConfig } from "./gateway-config.ts";
import { describeFailure, type LinkEvents, tellState } from "./link-events.ts";
import type { MockGateway } from "./mock/index.ts";
import { createNodeClient } from "./node-client.ts";
import { createWsOpener } from "./transport-ws.ts";

/** How a client behaves. */
export type GatewayClientOptions = {
  /** Whether a lost connection is opened again. Default: true, after 1 s, doubling to 30 s, with jitter, until `disconnect()`. */
  autoReconnect?: boolean | ReconnectDelays;
  /** Events that every new connection asks for. Gateways of today send what the client may see without being asked. */
  subscriptions?: readonly EventName[];
  /** Default: `OPENCLAW_MODE`, else `real`. */
  mode?: ConnectionMode;
  /** The simulated gateway of the modes `mock` and `auto`. Default: one of its own, as `createMockGateway()` makes it. */
  mock?: MockGateway;
};

/** Events of the client itself: its connection, and in the mode `auto` what it found. */
export type ClientEvents = LinkEvents & {
  /** No gateway answered, and the client went on with a simulated one: nothing it does is real. */
  mock: { url: string; reason: Error };
};

/** `sessions.list`, and `kinds` of sessions to keep. */
export type SessionsListParams = Params<"sessions.list"> & { kinds?: readonly string[] };
/** `chat.send` beside its session and its message. */
export type SessionsSendOptions = Omit<Params<"chat.send">, "sessionKey" | "message" | "idempotencyKey"> & {
  /** The same key again is the same message. Default: a new one for each call. */
  idempotencyKey?: string;
};

/**
 * A connection to a gateway: connects, proves who it is, holds requests until that is done, and comes back when the
 * connection is lost. It does nothing until `connect()` or the first request.
 */
export class GatewayClient implements CoreClient {
  /** Every method of the catalogue as nested members: `api.chat.send(…)` is `request("chat.send", …)`. */
  readonly api: Api;
  /** The address it connects to. */
  readonly url: string;
  /** What was asked for; `isMock` says what it came to. */
  readonly mode: ConnectionMode;
  readonly #core: CoreClient;
  readonly #subscriptions: Set<EventName>;
  readonly #hub = createEventHub();
  /** The simulated gateway, once there is one. */
  #simulated: MockGateway | undefined;
  /** The same while it is the one that connections lead to. */
  #mock: MockGateway | undefined;
  /** Counts the calls of `disconnect()`: what was begun before one is over. */
  #ends = 0;
  #connecting: Promise<HelloOk> | undefined;

  /** Throws `TypeError` for an address, a fingerprint or an `OPENCLAW_MODE` that makes no sense. */
  constructor(config: GatewayConfig = {}, options: GatewayClientOptions = {}) {
    const { host: _host, port: _port, device, environment = process.env, ...rest } = config;
    const { url, token } = findTarget(config, environment);
    const { autoReconnect = true, subscriptions = [], mode = modeFromEnvironment(environment) ?? "real" } = options;
    this.url = url;
    this.mode = mode;
    this.#simulated = options.mock;
    this.#subscriptions = new Set(subscriptions);
    const openReal = config.openSocket ?? createWsOpener({ tlsFingerprint: config.tlsFingerprint });
    const openSocket: OpenSocket = (...args) => (this.#mock?.openSocket ?? openReal)(...args);
    this.#core = createNodeClient({
      ...((config.role ?? "operator") === "operator" ? asOperator : {}),
      ...rest,
      url,
      token,
      ...(device === undefined ? {} : asDevice(device, url, config.role)),
      openSocket,
      reconnect: autoReconnect,
      retryFirstConnect: false,
    });
    this.#tell();
    this.api = createApi((method, params, requestOptions) =>
      this.requestUntyped(method, params, requestOptions as RequestOptions),
    );
  }

  /**
   * Connects and resolves with `hello-ok`; several callers share one attempt. Rejects with `AuthenticationError`, the
   * gateway's `GatewayError`, or `ConnectionError`: `Connection timeout after 10000ms` when nobody answers in time. A
   * client that could not connect does nothing more until it is asked again; one that lost its connection comes back.
   */
  connect(): Promise<HelloOk> {
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  /** Closes the connection, rejects what is pending and resolves when the socket is gone. `connect()` may begin again. */
  disconnect(): Promise<void> {
    this.#ends++;
    return this.#core.close();
  }

  /** The same as `disconnect()`. */
  close(): Promise<void> {
    return this.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** Whether the gateway has let the client in and the connection stands. */
  get connected(): boolean {
    return this.#core.state.at === "ready";
  }

  /** Whether the gateway is a simulated one. */
  get isMock(): boolean {
    return this.#mock !== undefined;
  }

  get state(): ConnState {
    return this.#core.state;
  }

  get hello(): HelloOk | undefined {
    return this.#core.hello;
  }

  async request<M extends MethodName>(method: M, ...args: Args<M>): Promise<Result<M>> {
    await this.#wake();
    return this.#core.request(method, ...args);
  }

  async requestUntyped(method: string, params?: unknown, options?: RequestOptions): Promise<unknown> {
    await this.#wake();
    return this.#core.requestUntyped(method, params, options);
  }

  /** Recent sessions, newest first. */
  async sessionsList({ kinds, ...params }: SessionsListParams = {}): Promise<SessionRow[]> {
    const { sessions } = await this.request("sessions.list", params);
    return kinds === undefined ? sessions : sessions.filter(({ kind }) => kinds.includes(kind));
  }

  /** Begins a session of its own for a task, or an empty one. `sessionKey` of the answer names it. */
  sessionsSpawn(params: Params<"sessions.spawn"> = {}): Promise<Result<"sessions.spawn">> {
    return this.request("sessions.spawn", params);
  }

  /** Sends a message. Answered at once with the run's id; the reply comes as `chat` events. */
  sessionsSend(
    sessionKey: string,
    message: string,
    { idempotencyKey = createRandomId(), ...options }: SessionsSendOptions = {},
  ): Promise<Result<"chat.send">> {
    return this.request("chat.send", { ...options, sessionKey, message, idempotencyKey });
  }

  /** The newest messages of a session, oldest first; at most `limit` (up to 1000). */
  async sessionsHistory(sessionKey: string, limit?: number): Promise<Result<"chat.history">["messages"]> {
    const { messages } = await this.request("chat.history", { sessionKey, ...(limit === undefined ? {} : { limit }) });
    return messages;
  }

  /** Stops every run of a session and of the sub-agents it has started. The session and what was said stay. */
  async sessionsKill(sessionKey: string): Promise<Result<"chat.abort">> {
    try {
      return await this.request("sessions_kill", { sessionKey });
    } catch (error) {
      // Other gateways have only the part that stops the session itself.
      if (!(error instanceof GatewayError) || !error.message.startsWith("unknown method")) throw error;
      return this.request("chat.abort", { sessionKey });
    }
  }

  /** Listens to an event of the gateway or of the client. A listener that throws disturbs nobody else. */
  on<E extends EventName>(event: E, listener: (payload: Payload<E>) => void): Unsubscribe;
  on<E extends keyof ClientEvents>(event: E, listener: (payload: ClientEvents[E]) => void): Unsubscribe;
  on(event: string, listener: (payload: never) => void): Unsubscribe {
    return this.#hub.add(event, listener);
  }

  /** Listens once. */
  once<E extends EventName>(event: E, listener: (payload: Payload<E>) => void): Unsubscribe;
  once<E extends keyof ClientEvents>(event: E, listener: (payload: ClientEvents[E]) => void): Unsubscribe;
  once(event: string, listener: (payload: never) => void): Unsubscribe {
    return this.#hub.once(event, listener);
  }

  /** Takes away a listener that `on` or `once` was given; of one that was given more than once, the last. */
  off(event: EventName | keyof ClientEvents, listener: (payload: never) => void): void {
    this.#hub.remove(event, listener);
  }

  onEvent(listener: (frame: EventFrame) => void): Unsubscribe {
    return this.#core.onEvent(listener);
  }

  onGap(listener: (gap: Gap) => void): Unsubscribe {
    return this.#core.onGap(listener);
  }

  onState(listener: (state: ConnState) => void): Unsubscribe {
    return this.#core.onState(listener);
  }

  /**
   * Calls a `….subscribe` method now and after every reconnect; or asks for the events of a name, now and after every
   * reconnect, until `unsubscribe`.
   */
  subscribe<M extends SubscribeMethod>(method: M, ...args: Args<M>): Subscription<Result<M>>;
  subscribe(event: EventName): Promise<void>;
  subscribe<M extends SubscribeMethod>(name: M | EventName, ...args: Args<M>): Subscription<unknown> | Promise<void> {
    if (!isEventName(name)) return this.#core.subscribe(name, ...args);
    this.#subscriptions.add(name);
    return this.#ask("subscribe", name);
  }

  /** Takes an event back that `subscribe` or `subscriptions` asked for. */
  unsubscribe(event: EventName): Promise<void> {
    return this.#subscriptions.delete(event) ? this.#ask("unsubscribe", event) : Promise.resolve();
  }

  follow(target: FollowTarget, options?: FollowOptions): Following {
    return this.#core.follow(target, options);
  }

  checkLink(timeoutMs?: number): void {
    this.#core.checkLink(timeoutMs);
  }

  pauseWatchdog(): () => void {
    return this.#core.pauseWatchdog();
  }

  async #connect(): Promise<HelloOk> {
    const { at } = this.#core.state;
    // A gateway that was not there may be there by now.
    if (at === "idle" || at === "stopped") this.#mock = undefined;
    if (this.mode === "mock") await this.#simulate();
    try {
      return await this.#attempt();
    } catch (error) {
      // Whoever answers, even with a refusal, is a gateway.
      if (this.mode !== "auto" || this.isMock || !this.#foundNobody() || !(error instanceof Error)) throw error;
      await this.#simulate();
      process.emitWarning(
        `no gateway at ${this.url} (${error.message}): going on with a simulated one, nothing is real`,
        { code: "OPENCLAW_MOCK" },
      );
      this.#hub.call("mock", { url: this.url, reason: error } satisfies ClientEvents["mock"]);
      return this.#attempt();
    }
  }

  async #attempt(): Promise<HelloOk> {
    try {
      return await this.#core.connect();
    } catch (error) {
      const { state } = this.#core;
      const cause = state.at === "stopped" ? state.error : undefined;
      throw cause === undefined ? error : describeFailure(cause, state);
    }
  }

  #foundNobody(): boolean {
    const { state } = this.#core;
    const error = state.at === "stopped" && state.reason === "lost" ? state.error : undefined;
    // Other reasons are on our side: a device file that cannot be read says nothing about the gateway.
    return error instanceof ConnectionError && (error.reason === "closed" || error.reason === "timeout");
  }

  async #simulate(): Promise<void> {
    const ends = this.#ends;
    this.#simulated ??= (await import("./mock/index.ts")).createMockGateway();
    if (ends !== this.#ends) throw new ConnectionError("closed", "the client was closed");
    this.#mock = this.#simulated;
  }

  /** The first request connects. One that is made while nobody knows yet whether there is a gateway waits for that. */
  async #wake(): Promise<void> {
    if (this.#core.state.at === "idle" || (this.#connecting !== undefined && this.mode === "auto"))
      await this.connect();
  }

  #tell(): void {
    this.#core.onEvent(({ event, payload }) => {
      // What the client says of itself nobody else can say.
      if (!Object.hasOwn(clientEvents, event)) this.#hub.call(event, payload);
    });
    let before: ConnState["at"] = "idle";
    let isOpen = false;
    this.#core.onState((state) => {
      const told = tellState(before, state, isOpen);
      ({ isOpen } = told);
      before = state.at;
      if (state.at === "ready") for (const event of this.#subscriptions) void this.#ask("subscribe", event);
      for (const { event, payload } of told.events) this.#hub.call(event, payload);
    });
  }

  /** Gateways that send everything anyway need not know the method. */
  async #ask(method: "subscribe" | "unsubscribe", event: EventName): Promise<void> {
    if (this.connected) await this.#core.request(method, { event }).catch(() => {});
  }
}

/** What an operator's client says of itself unless told otherwise. */
const asOperator = {
  scopes: ["operator.read", "operator.write"],
  client: { id: "cli", mode: "cli" },
} as const satisfies GatewayConfig;

const clientEvents: Readonly<Record<keyof ClientEvents, true>> = {
  connected: true,
  authenticated: true,
  disconnected: true,
  error: true,
  mock: true,
};
/** No event is called like a method that subscribes. */
const isEventName = (name: SubscribeMethod | EventName): name is EventName => !name.endsWith(".subscribe");
