import { type ClientOptions, createCoreClient, type GatewayClient } from "@openclaw-gateway/client/core";
import { followPage } from "./page.ts";
import { openWebSocket } from "./transport-websocket.ts";

/** Options in a browser: the socket is `WebSocket`; `url` may be a path, and defaults to the origin that served the page. */
export type BrowserClientOptions = Omit<ClientOptions, "openSocket" | "url"> &
  Partial<Pick<ClientOptions, "openSocket" | "url">>;

/** Builds a client for a page. It does nothing until `connect()`; `close()` also lets go of the page. */
export function createBrowserClient(options: BrowserClientOptions = {}): GatewayClient {
  const client = createCoreClient({
    openSocket: openWebSocket,
    locale: navigator.language,
    userAgent: navigator.userAgent,
    ...options,
    url: onThisOrigin(options.url ?? "/"),
    client: { id: "webchat-ui", mode: "webchat", platform: "web", ...options.client },
  });
  let leavePage: (() => void) | undefined;
  client.onState(({ at }) => {
    if (at === "stopped") {
      leavePage?.();
      leavePage = undefined;
    } else {
      leavePage ??= followPage(client, document, window);
    }
  });
  return client;
}

/** A path leads to the gateway (or the proxy before it) that served the page. */
function onThisOrigin(url: string): string {
  return url.startsWith("/") ? location.origin + url : url;
}
