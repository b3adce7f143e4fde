import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { isAllowedOrigin } from "../auth/origin.ts";
import { createWsTransport } from "../transport/ws.ts";
import type { Peer, Transport, TransportListener } from "../transport/transport.ts";
import { createWriteBatch } from "../transport/write-batch.ts";
import { toPeer } from "./peer.ts";

/** Sockets that have not finished their handshake, in all and from one address that is not this machine. */
const maxPending = 512;
const maxPendingPerAddress = 32;

export type UpgradeDeps = {
  allowedOrigins: () => readonly string[];
  trustedProxies: () => readonly string[];
  isAccepting: () => boolean;
  /** Sockets that have not said a valid `connect` yet, by address. */
  pending: () => ReadonlyMap<string, number>;
  /** `reason` is one of a few stable words. */
  onRefused: (address: string, reason: string, message: string) => void;
  open: (peer: Peer, connect: (listener: TransportListener) => Transport) => void;
};

/** Decides about an upgrade before a WebSocket exists: state, budget, origin. Every path is a way in, as recorded. */
export function createUpgrade(deps: UpgradeDeps) {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
  const batch = createWriteBatch();

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A peer that resets during the upgrade must not end the process.
    socket.on("error", () => socket.destroy());
    const peer = toPeer(request, deps.trustedProxies());
    const refusal = whyNot(request, peer);
    if (refusal) {
      const { status, message, reason } = refusal;
      if (reason !== undefined) deps.onRefused(peer.address, reason, message);
      return refuse(socket, status, message);
    }
    server.handleUpgrade(request, socket, head, (ws) =>
      deps.open(peer, (listener) => createWsTransport(ws, socket, batch, listener)),
    );
  };

  function whyNot(
    request: IncomingMessage,
    peer: Peer,
  ): { status: string; message: string; reason?: string } | undefined {
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      return { status: "400 Bad Request", message: "Invalid Upgrade header" };
    }
    if (!deps.isAccepting()) return { status: "503 Service Unavailable", message: "the gateway is stopping" };
    const pending = deps.pending();
    let total = 0;
    for (const count of pending.values()) total += count;
    const isFull =
      total >= maxPending || (!peer.isLoopback && (pending.get(peer.address) ?? 0) >= maxPendingPerAddress);
    if (isFull) {
      const message = "too many connections are waiting for their handshake";
      return { status: "503 Service Unavailable", message, reason: "TOO_MANY_PENDING" };
    }
    const { origin } = peer.headers;
    if (origin !== undefined && !isAllowedOrigin(origin, peer, deps.allowedOrigins())) {
      return {
        status: "403 Forbidden",
        message: `origin ${JSON.stringify(origin.slice(0, 200))} is not allowed; open the Control UI from the gateway's own address or add the origin to gateway.controlUi.allowedOrigins`,
        reason: "ORIGIN_NOT_ALLOWED",
      };
    }
    return undefined;
  }
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
