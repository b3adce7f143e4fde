export { proxyCloseCodes } from "./close-codes.ts";
export { createGatewayProxy, type GatewayProxy, type Verdict } from "./gateway-proxy.ts";
export type { GatewaySocketListener, OpenGateway, ProxySocket, ProxySocketListener } from "./socket.ts";
export type * from "./types.ts";
export type { ServerSocket } from "./ws-socket.ts";
