import { WebSocket } from "ws";
import type { OpenSocket } from "./core/index.ts";

/** How long a peer may take to answer our close frame. */
const closeTimeoutMs = 1_000;

/** Opens a WebSocket of the `ws` package: no compression, bounded messages. */
export const openWsSocket: OpenSocket = (url, listener, { openTimeoutMs, maxPayloadBytes }) => {
  const options = {
    maxPayload: maxPayloadBytes,
    perMessageDeflate: false,
    handshakeTimeout: openTimeoutMs,
    // Known to `ws`, not yet to its types.
    closeTimeout: closeTimeoutMs,
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

/** A name with several addresses fails with an error that holds the errors and says nothing itself. */
function describe(error: Error): Error {
  if (error.message !== "" || !(error instanceof AggregateError)) return error;
  const messages = error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)));
  return new Error(messages.join("; "), { cause: error });
}
