import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { QuietLink } from "./transport.ts";
import { createWsTransport } from "./ws.ts";
import type { WriteBatch } from "./write-batch.ts";

/** What `ws` gives a socket its stream with; public in its JavaScript only. */
const takeStream: unknown = Reflect.get(WebSocket.prototype, "setSocket");

/**
 * A socket that takes its stream when it begins and not when the server of `ws` makes it. What `ws` and a connection keep
 * for each peer is many times what a silent one needs, and most of a flood is silent.
 */
export class LateWebSocket extends WebSocket {
  #options: unknown;

  /** Called by the server of `ws` at the end of an upgrade. */
  setSocket(_stream: Duplex, _head: Buffer, options: unknown): void {
    this.#options = options;
  }

  begin(stream: Duplex, head: Buffer): void {
    if (typeof takeStream !== "function") throw new Error("this release of ws has no way to take a stream later");
    Reflect.apply(takeStream, this, [stream, head, this.#options]);
  }
}

/** The part of a `WebSocketServer` that makes these sockets. */
type QuietServer = {
  handleUpgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    accepted: (socket: LateWebSocket) => void,
  ): void;
};

const noBytes = Buffer.alloc(0);

/** Completes an upgrade. Calls back at once, or never when the request is none; `ws` has answered it then. */
export function acceptQuietly(
  server: QuietServer,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  batch: WriteBatch,
  accepted: (link: QuietLink) => void,
): void {
  // The answer and the first message leave together.
  batch.hold(stream);
  server.handleUpgrade(request, stream, noBytes, (socket) => accepted(createQuietLink(socket, stream, head, batch)));
}

function createQuietLink(socket: LateWebSocket, stream: Duplex, head: Buffer, batch: WriteBatch): QuietLink {
  let first = head;
  let stopListening = (): void => {};
  return {
    send: (message) => void stream.write(textFrame(message)),
    listen: ({ onSpeaking, onGone }) => {
      if (first.length > 0) return onSpeaking();
      const hear = (chunk: Buffer): void => {
        first = chunk;
        onSpeaking();
      };
      const end = (): void => void stream.destroy();
      stopListening = () => {
        stopListening = () => {};
        stream.pause();
        stream.off("data", hear).off("end", end).off("close", onGone);
      };
      stream.on("data", hear).on("end", end).on("close", onGone);
    },
    wake: (listener) => {
      stopListening();
      socket.begin(stream, first);
      first = noBytes;
      const transport = createWsTransport(socket, stream, batch, listener);
      stream.resume();
      return transport;
    },
    terminate: () => void stream.destroy(),
  };
}

/** A whole text message as a server sends it (RFC 6455, 5.2); up to 64 KiB. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text, "utf8");
  const isShort = payload.length < 126;
  const head = Buffer.alloc(isShort ? 2 : 4);
  head[0] = 0x81;
  head[1] = isShort ? payload.length : 126;
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
