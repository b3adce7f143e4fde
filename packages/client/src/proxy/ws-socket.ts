import { WebSocket } from "ws";
import { createPinnedConnection } from "../pinned-socket.ts";
import { noCode } from "./close-codes.ts";
import type { OpenGateway, ProxySocket, ProxySocketListener } from "./socket.ts";

/** A WebSocket of the package `ws`, as servers hand it out. */
export interface ServerSocket {
  on(event: string, listener: (...args: never[]) => void): unknown;
  send(data: Buffer, options: { binary: boolean }, sent: (error?: Error | null) => void): void;
  readonly bufferedAmount: number;
  readonly readyState: number;
  pause(): void;
  resume(): void;
  ping(): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

export const isServerSocket = (value: unknown): value is ServerSocket =>
  typeof value === "object" &&
  value !== null &&
  ["on", "send", "pause", "resume", "ping", "terminate"].every(
    (name) => typeof Reflect.get(value, name) === "function",
  );

/** An open or opening socket of `ws` as one end of a link. */
export function wrapWs(socket: ServerSocket, listener: ProxySocketListener): ProxySocket {
  socket.on("message", (data: Buffer, isBinary: boolean) => listener.onMessage(data, isBinary));
  socket.on("pong", () => listener.onPong());
  socket.on("close", (code: number, reason: Buffer) => listener.onClose(code, reason.toString("utf8")));
  // `ws` closes the socket after an error; without a listener the process would end.
  socket.on("error", () => {});
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  return {
    send: (data, isBinary, sent) => {
      if (isOpen()) socket.send(data, { binary: isBinary }, () => sent());
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    ping: () => {
      if (isOpen()) socket.ping();
    },
    close: (code, reason) => {
      // A paused socket would never hear the answer to its close frame.
      socket.resume();
      if (code === noCode) socket.close();
      else socket.close(code, reason);
    },
    terminate: () => socket.terminate(),
  };
}

/** Opens the gateway's end: no compression, bounded messages, to the pinned certificate where there is one. */
export const openGatewayWithWs: OpenGateway = ({ url, tlsFingerprint }, { openTimeoutMs, maxFrameBytes }, listener) => {
  const socket = new WebSocket(url, {
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handshakeTimeout: openTimeoutMs,
    ...(tlsFingerprint !== undefined && {
      createConnection: createPinnedConnection(tlsFingerprint),
    }),
  });
  socket.on("open", () => listener.onOpen());
  socket.on("error", (error) => listener.onError(error));
  return wrapWs(socket, listener);
};
