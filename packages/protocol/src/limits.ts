const KiB = 1024;
const MiB = 1024 * KiB;

/** Limits that both ends must agree on; the server announces them in `hello-ok.policy`. */
export const limits = {
  defaultPort: 18_789,
  /** Bytes of one message before `hello-ok`. */
  handshakeBytes: 64 * KiB,
  /** Bytes of one message after `hello-ok`. */
  payloadBytes: 25 * MiB,
  /** Bytes a connection may have waiting before it is closed as a slow consumer. */
  bufferedBytes: 50 * MiB,
  tickIntervalMs: 30_000,
  handshakeTimeoutMs: 10_000,
  /** Bytes of one attachment after base64 decoding. */
  attachmentBytes: 5_000_000,
} as const;
