import type { ClientOptions } from "@openclaw-gateway/client/core";

export type { Api, ChatFold, ConnState, Failure, GatewayClient, StopReason } from "@openclaw-gateway/client/core";
export { ConnectionError, foldChat, GatewayError, isTerminal } from "@openclaw-gateway/client/core";

/** Options in a browser: the socket is `WebSocket`, the address defaults to the origin that served the page. */
export type BrowserClientOptions = Omit<ClientOptions, "openSocket" | "url"> & Partial<Pick<ClientOptions, "openSocket" | "url">>;
