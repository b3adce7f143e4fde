/** One message link to a client: a socket, or a pair in memory. */
export interface Transport {
  /**
   * Queues one text message. The bytes are shared with other connections and must not be changed by anybody.
   * After `close` it does nothing.
   */
  send(message: Uint8Array | string): void;
  /** Bytes accepted by `send` that have not left the process. */
  readonly bufferedBytes: number;
  /** Starts the close handshake; `reason` is cut to what a close frame holds. */
  close(code: number, reason: string): void;
  /** Drops the link without a handshake. */
  terminate(): void;
  /** The same, as soon as what was sent has left. */
  dropSoon(): void;
  /** Raises or lowers the size of an incoming message that is still accepted, in bytes. */
  setMaxPayload(bytes: number): void;
  /** Asks the peer for a sign of life; `onPong` reports it. */
  ping(): void;
}

export interface TransportListener {
  /** A whole message, text or binary, as bytes of UTF-8. */
  onMessage(data: Uint8Array): void;
  onPong(): void;
  /** Called exactly once, whoever ended the link. */
  onClose(code: number, reason: string): void;
}

/** A link whose peer has said nothing yet; as little as possible is kept of it. */
export interface QuietLink {
  /** Sends one short text message. */
  send(message: string): void;
  /** Calls one of the two, once: at once when the peer has spoken already. */
  listen(listener: { onSpeaking(): void; onGone(): void }): void;
  /** Makes it a transport, which begins with what the peer has said. */
  wake(listener: TransportListener): Transport;
  /** Drops the link without a handshake. */
  terminate(): void;
}

/** What is known about the peer before it says anything. */
export type Peer = {
  /** Canonical remote IP address, of the socket or told by a trusted proxy; `memory` for links inside the process. */
  address: string;
  /** Whether the socket itself comes from this machine and nobody forwarded it. */
  isLoopback: boolean;
  /** Whether nobody on the way can read along. */
  isSecure: boolean;
  headers: { host?: string; origin?: string; userAgent?: string; forwarded: boolean };
  /** `?token=` of the upgrade request. Nothing else accepts a token in a URL. */
  urlToken?: string;
  /** Set when the socket is one of `gateway.trustedProxies`. Only then are headers that name somebody read at all. */
  via?: { address: string; isThisMachine: boolean; header(name: string): string | undefined };
  /** What `tailscale serve` on this machine claims about the user behind it. */
  tailnet?: { login: string; address: string | undefined };
};
