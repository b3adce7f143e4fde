import { WebSocket } from "ws";
import type { OpenSocket } from "./core/index.ts";
import { createPinnedConnection } from "./pinned-socket.ts";
import { normalizeTlsFingerprint } from "./tls-fingerprint.ts";

/** How long a peer may take to answer our close frame. */
const closeTimeoutMs = 1_000;

/**
 * Opens WebSockets of the `ws` package: no compression, bounded messages. With a fingerprint only to the gateway that
 * shows this certificate; throws `TypeError` for one that is malformed.
 */
export function createWsOpener({ tlsFingerprint }: { tlsFingerprint?: string | undefined } = {}): OpenSocket {
  const pin = tlsFingerprint === undefined ? undefined : normalizeTlsFingerprint(tlsFingerprint);
  return (url, listener, { openTimeoutMs, maxPayloadBytes }) => {
    const options = {
      maxPayload: maxPayloadBytes,
      perMessageDeflate: false,
      handshakeTimeout: openTimeoutMs,
      // Known to `ws`, not yet to its types.
      closeTimeout: closeTimeoutMs,
      ...(pin !== undefined && { createConnection: createPinnedConnection(pin) }),
    };
    const socket = new WebSocket(url, options);
    socket.binaryType = "nodebuffer";
    let cause: Error | undefined;
    socket.on("open", () => listener.onOpen());
    socket.on("message", (data: Buffer) => listener.onMessage(data.toString("utf8")));
    socket.on("error", (error) => {
      cause = describe(error);
    });
    socket.on("close", (code, reason) => listener.onClose(code, reason.toString("utf8"), cause));
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code, reason) => socket.close(code, reason),
    };
  };
}

/** Opens a WebSocket without a pinned certificate: TLS peers need one that this machine trusts. */
export const openWsSocket: OpenSocket = createWsOpener();

/** A name with several addresses fails with an error that holds the errors and says nothing itself. */
function describe(error: Error): Error {
  if (error.message !== "" || !(error instanceof AggregateError)) return error;
  const messages = error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)));
  return new Error(messages.join("; "), { cause: error });
}
