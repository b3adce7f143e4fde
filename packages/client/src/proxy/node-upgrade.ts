import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { limits } from "@openclaw-gateway/protocol/wire";
import { createGatewayProxy } from "./gateway-proxy.ts";
import type { GatewayProxyOptions } from "./options.ts";

/** Where pages look for the proxy of their origin. */
export const defaultPath = "/api/gateway/ws";

/** A proxy that takes the upgrade requests of Node's HTTP servers. */
export interface NodeGatewayProxy {
  /** For servers that sort their upgrade requests themselves. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Pages that are connected. */
  readonly connections: number;
  /** Closes every link with 1012 and takes no more; resolves when all sockets are gone. */
  close(): Promise<void>;
}

/** Builds a proxy that answers every upgrade it is handed. */
export function createNodeGatewayProxy(options: GatewayProxyOptions = {}): NodeGatewayProxy {
  const proxy = createGatewayProxy(options);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: options.maxFrameBytes ?? limits.payloadBytes,
  });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A peer that resets while it is judged must not end the process.
    socket.on("error", () => socket.destroy());
    const asked = toRequest(request);
    if (asked === undefined) return refuse(socket, 400, "not a WebSocket upgrade");
    const verdict = await proxy.admit(asked);
    if (socket.destroyed) return;
    if (!verdict.ok) return refuse(socket, verdict.status, verdict.message);
    sockets.handleUpgrade(request, socket, head, verdict.accept);
  }

  return {
    handleUpgrade: (request, socket, head) => void upgrade(request, socket, head),
    get connections() {
      return proxy.connections;
    },
    close: () => proxy.close(),
  };
}

export type AttachOptions = GatewayProxyOptions & {
  /** Default: `/api/gateway/ws`. */
  path?: string;
};

/** A proxy on a server of its own, or beside whatever else the server does. */
export interface AttachedGatewayProxy {
  readonly connections: number;
  /**
   * Closes every link with 1012; resolves when all sockets are gone. From now on the path is answered with 503. The
   * server's own `close()` does it, too.
   */
  close(): Promise<void>;
}

/**
 * Takes the upgrade requests of one path, so that no other listener of the server sees them; all others go to those
 * listeners, and are answered with 404 where there are none.
 */
export function attachGatewayProxy(
  server: Server,
  { path = defaultPath, ...options }: AttachOptions = {},
): AttachedGatewayProxy {
  const proxy = createNodeGatewayProxy(options);
  serveOn(server, path, proxy);
  return proxy;
}

type Upgrade = NodeGatewayProxy["handleUpgrade"];

/**
 * Frameworks such as Next.js end the socket of each upgrade request whose path one of their pages could have, so it is
 * not enough to be one listener among others: the event itself is caught. And a server that closes waits for its open
 * sockets, so the proxy closes with it. The returned call lets go of the server.
 */
export function serveOn(server: Server, path: string, proxy: NodeGatewayProxy): () => void {
  const { emit, close } = server;
  let isServing = true;
  // Without any listener Node would not emit the event.
  const ifAlone: Upgrade = (_request, socket) => {
    if (server.listenerCount("upgrade") === 1) refuse(socket, 404, "not found");
  };
  const emitOthers = (event: string | symbol, ...args: unknown[]): boolean => {
    const [request, socket, head] = args as Parameters<Upgrade>;
    const isOurs = event === "upgrade" && isServing && pathOf(request) === path;
    if (!isOurs) return Reflect.apply(emit, server, [event, ...args]);
    proxy.handleUpgrade(request, socket, head);
    return true;
  };
  const closeBoth = (...args: Parameters<Server["close"]>): Server => {
    if (isServing) void proxy.close();
    return close.apply(server, args);
  };
  server.on("upgrade", ifAlone);
  server.emit = emitOthers;
  server.close = closeBoth;
  return () => {
    isServing = false;
    server.off("upgrade", ifAlone);
    // Somebody may have put more on top of ours since; then ours only passes on.
    if (server.emit === emitOthers) server.emit = emit;
    if (server.close === closeBoth) server.close = close;
  };
}

const pathOf = ({ url = "" }: IncomingMessage): string => url.replace(/[?#].*$/s, "");

/** The upgrade request in the form that hooks of every framework know. */
function toRequest({ method, url, headers, socket }: IncomingMessage): Request | undefined {
  if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket" || !url?.startsWith("/")) return undefined;
  const scheme = "encrypted" in socket ? "https" : "http";
  const address = `${scheme}://${headers.host ?? "localhost"}${url}`;
  if (!URL.canParse(address)) return undefined;
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) given.append(name, one);
  }
  return new Request(address, { headers: given });
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = `${message}\n`;
  // A peer that never closes its half would keep the socket.
  socket.once("finish", () => socket.destroy());
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
