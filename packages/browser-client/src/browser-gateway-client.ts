import {
  type ChatFold,
  createRandomId,
  type Failure,
  type Following,
  type FollowOptions,
  type GatewayClient,
  type Unsubscribe,
} from "@openclaw-gateway/client/core";
import type { EventName, HelloOk, Params, Payload, Result } from "@openclaw-gateway/protocol";
import { type BrowserClientOptions, createBrowserClient } from "./browser-client.ts";
import { type ChatMessage, streamChat } from "./chat-stream.ts";

/** Where a proxy of `@openclaw-gateway/client/proxy` listens unless told otherwise. */
const proxyPath = "/api/gateway/ws";

/**
 * Without a credential the link leads through a proxy that adds one, and `connect` is sent at once. With `token`,
 * `password`, `deviceToken`, `bootstrapToken` or `signDevice` it leads to a gateway itself.
 */
export type BrowserGatewayClientOptions = BrowserClientOptions;

/** `chat.send` without what the call names already. */
export type ChatSendOptions = Omit<ChatMessage, "sessionKey" | "message">;

/**
 * Chat in a page: the few calls a chat needs, named after their methods. `gateway` has all the others. Connects by itself
 * with the first call and stays connected until `close()`.
 */
export class BrowserGatewayClient {
  /** The whole typed client underneath. */
  readonly gateway: GatewayClient;

  constructor(options: BrowserGatewayClientOptions = {}) {
    const { token, password, deviceToken, bootstrapToken, signDevice } = options;
    const isDirect = [token, password, deviceToken, bootstrapToken, signDevice].some((one) => one !== undefined);
    this.gateway = createBrowserClient({
      url: isDirect ? "/ws" : proxyPath,
      connectsFirst: !isDirect,
      scopes: ["operator.read", "operator.write"],
      ...options,
      // Behind a proxy the gateway sees the proxy's own link; only pages at its own address are `webchat` to it.
      client: { ...(isDirect ? {} : { id: "gateway-client", mode: "backend" }), ...options.client },
    });
  }

  /** Resolves with `hello-ok`; several callers share one connection. */
  connect(): Promise<HelloOk> {
    return this.gateway.connect();
  }

  /** Ends the connection for good; `connect()` begins anew. */
  close(): Promise<void> {
    return this.gateway.close();
  }

  get isConnected(): boolean {
    return this.gateway.state.at === "ready";
  }

  /** Sends a message; its answer arrives as `chat` events. A key is made when none is given. */
  chatSend(sessionKey: string, message: string, options: ChatSendOptions = {}): Promise<Result<"chat.send">> {
    return this.#ask().request("chat.send", {
      idempotencyKey: createRandomId(),
      ...options,
      sessionKey,
      message,
    });
  }

  /** Sends a message and yields its answer as it grows, over lost connections too. Leaving the loop does not abort it. */
  chatStream(
    sessionKey: string,
    message: string,
    { signal, ...options }: ChatSendOptions & { signal?: AbortSignal } = {},
  ): AsyncGenerator<ChatFold, void> {
    return streamChat(this.#ask(), { ...options, sessionKey, message }, signal);
  }

  /** Stops one run, or every run of the session. */
  chatAbort(sessionKey: string, runId?: string): Promise<Result<"chat.abort">> {
    return this.#ask().request("chat.abort", { sessionKey, ...(runId !== undefined && { runId }) });
  }

  /** A page of the session's messages; the newest unless the options say otherwise. */
  chatHistory(
    sessionKey: string,
    options: Omit<Params<"chat.history">, "sessionKey"> = {},
  ): Promise<Result<"chat.history">> {
    return this.#ask().request("chat.history", { ...options, sessionKey });
  }

  /** Adds a message to the transcript without running the agent. Needs `operator.admin`. */
  chatInject(sessionKey: string, message: string, label?: string): Promise<Result<"chat.inject">> {
    return this.#ask().request("chat.inject", { sessionKey, message, ...(label !== undefined && { label }) });
  }

  sessionsList(params: Params<"sessions.list"> = {}): Promise<Result<"sessions.list">> {
    return this.#ask().request("sessions.list", params);
  }

  /** Starts a fresh transcript under the same key. Needs `operator.admin`. */
  sessionsReset(key: string): Promise<Result<"sessions.reset">> {
    return this.#ask().request("sessions.reset", { key });
  }

  /** Decides about a command that waits, such as `allow-once` or `deny`. Needs `operator.approvals`. */
  execApprovalsResolve(id: string, decision: string): Promise<Result<"exec.approval.resolve">> {
    return this.#ask().request("exec.approval.resolve", { id, decision });
  }

  /** Listens to one event, such as `chat`; the returned call ends it. */
  on<E extends EventName>(event: E, listener: (payload: Payload<E>) => void): Unsubscribe {
    return this.gateway.on(event, listener);
  }

  /** A session's events, each once and in order over any number of reconnects; they reach the listeners of `on`. */
  follow(sessionKey: string, options?: FollowOptions): Following {
    return this.#ask().follow({ sessionKey }, options);
  }

  /** Told of each new state of the link, with what went wrong where something did. */
  onConnection(listener: (isConnected: boolean, error: Failure | undefined) => void): Unsubscribe {
    return this.gateway.onState((state) => {
      if (state.at === "ready") listener(true, undefined);
      else if (state.at === "waiting") listener(false, state.lastError);
      else if (state.at === "stopped") listener(false, state.error);
    });
  }

  /** Calls wait for the handshake; the first one begins it. */
  #ask(): GatewayClient {
    // Whoever asked is told by the rejection of what it asked.
    if (this.gateway.state.at === "idle") this.gateway.connect().catch(() => {});
    return this.gateway;
  }
}

let shared: BrowserGatewayClient | undefined;

/** The page's one client: the options count when it is first asked for. */
export function getBrowserGatewayClient(options?: BrowserGatewayClientOptions): BrowserGatewayClient {
  shared ??= new BrowserGatewayClient(options);
  return shared;
}
