import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { acceptQuietly, LateWebSocket } from "../transport/quiet-socket.ts";
import type { Peer, QuietLink } from "../transport/transport.ts";
import { createWriteBatch } from "../transport/write-batch.ts";
import { refusalOfOrigin, toErrorBody } from "./origin-refusal.ts";
import { toPeer } from "./peer.ts";

export type UpgradeDeps = {
  allowedOrigins: () => readonly string[];
  trustedProxies: () => readonly string[];
  isAccepting: () => boolean;
  /** `reason` is one of a few stable words. */
  onRefused: (address: string, reason: string, message: string) => void;
  admit: (peer: Peer, link: QuietLink) => void;
};

/** Decides about an upgrade before a WebSocket exists: state, budget, origin. Every path is a way in, as recorded. */
export function createUpgrade(deps: UpgradeDeps) {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    WebSocket: LateWebSocket,
  });
  const batch = createWriteBatch();

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A peer that resets during the upgrade must not end the process.
    socket.on("error", () => socket.destroy());
    const peer = toPeer(request, deps.trustedProxies());
    const refusal = whyNot(request, peer);
    if (refusal) {
      const { message, reason } = refusal;
      if (reason !== undefined) deps.onRefused(peer.address, reason, message);
      return refuse(socket, refusal);
    }
    acceptQuietly(server, request, socket, head, batch, (link) => deps.admit(peer, link));
  };

  function whyNot(request: IncomingMessage, peer: Peer): UpgradeRefusal | undefined {
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      return { status: "400 Bad Request", message: "Invalid Upgrade header" };
    }
    if (!deps.isAccepting()) return { status: "503 Service Unavailable", message: "the gateway is stopping" };
    const { origin } = peer.headers;
    const foreign = origin === undefined ? undefined : refusalOfOrigin(origin, peer, deps.allowedOrigins());
    if (foreign) {
      return {
        status: "403 Forbidden",
        message: foreign.message,
        reason: "ORIGIN_NOT_ALLOWED",
        body: toErrorBody(foreign),
      };
    }
    return undefined;
  }
}

type UpgradeRefusal = {
  status: string;
  message: string;
  /** One of a few stable words. */
  reason?: string;
  /** For programs; without it the message is all. */
  body?: object;
};

/** For a program or a person who looks at what came back in the place of a WebSocket. */
function refuse(socket: Duplex, { status, message, body: told }: UpgradeRefusal): void {
  const body = `${told ? JSON.stringify(told) : message}\n`;
  const contentType = told ? "application/json" : "text/plain";
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: ${contentType}; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
