/** One message link to a gateway: a WebSocket of Node or of a browser, or a pair in memory. */
export interface ClientSocket {
  /** Queues one text message; after `close` it does nothing. */
  send(text: string): void;
  /** Starts the close handshake; the implementation ends a peer that does not answer it. */
  close(code: number, reason: string): void;
}

/** What a link tells whoever opened it. */
export interface SocketListener {
  onOpen(): void;
  onMessage(text: string): void;
  /** Called exactly once, whoever ended the link. `error` is the cause where the platform tells one. */
  onClose(code: number, reason: string, error?: Error): void;
}

/** Opens a link. It never throws and calls the listener only after it returned: an unreachable gateway is an `onClose`. */
export type OpenSocket = (url: string, listener: SocketListener, limits: SocketLimits) => ClientSocket;

/** What a link keeps within. */
export type SocketLimits = {
  /** Milliseconds until the upgrade must be answered. */
  openTimeoutMs: number;
  /** Bytes of one incoming message. */
  maxPayloadBytes: number;
};
