import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Transport, TransportListener } from "./transport.ts";
import type { WriteBatch } from "./write-batch.ts";

/** A close frame holds 125 bytes, two of them the code; longer reasons are cut between characters. */
const maxReasonBytes = 120;

/** Wraps an accepted `ws` socket over its stream. */
export function createWsTransport(
  socket: WebSocket,
  stream: Duplex,
  batch: WriteBatch,
  listener: TransportListener,
): Transport {
  socket.binaryType = "nodebuffer";
  socket.on("message", (data) => listener.onMessage(data as Buffer));
  socket.on("pong", () => listener.onPong());
  socket.on("close", (code, reason) => listener.onClose(code, reason.toString("utf8")));
  // `ws` closes the socket itself after an error; without a listener the process would end.
  socket.on("error", () => {});
  return {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      batch.hold(stream);
      socket.send(message, { binary: false });
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    close: (code, reason) => socket.close(code, cutReason(reason)),
    terminate: () => socket.terminate(),
    dropSoon: () => (stream instanceof Socket ? stream.destroySoon() : stream.destroy()),
    setMaxPayload: (bytes) => setReceiverLimit(socket, bytes),
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping();
    },
  };
}

function cutReason(reason: string): string {
  let cut = reason;
  while (Buffer.byteLength(cut) > maxReasonBytes) cut = cut.slice(0, -1);
  return cut;
}

/**
 * `ws` takes one limit per server, but ours rises after the handshake. The receiver reads its limit for every frame;
 * the fields are checked here so that a new release of `ws` fails a test instead of dropping the limit silently.
 */
function setReceiverLimit(socket: WebSocket, bytes: number): void {
  const receiver: unknown = Reflect.get(socket, "_receiver");
  if (typeof receiver !== "object" || receiver === null || typeof Reflect.get(receiver, "_maxPayload") !== "number") {
    throw new Error("this release of ws has no adjustable payload limit");
  }
  Reflect.set(receiver, "_maxPayload", bytes);
}
