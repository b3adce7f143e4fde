import type { OpenSocket } from "@openclaw-gateway/client/core";

/** How long a peer may take to answer our close frame; browsers themselves wait a minute. */
const closeTimeoutMs = 1_000;

/** Opens the browser's WebSocket. Its limits are the browser's own; the client's deadlines cover the opening. */
export const openWebSocket: OpenSocket = (url, listener) => {
  let isClosed = false;
  const end = (code: number, reason: string, error?: Error): void => {
    if (isClosed) return;
    isClosed = true;
    listener.onClose(code, reason, error);
  };
  let socket: WebSocket;
  try {
    socket = new WebSocket(url);
  } catch (error) {
    // An address the page may not open, such as `ws:` from an `https:` page.
    queueMicrotask(() => end(1006, "", error instanceof Error ? error : new Error(String(error))));
    return { send: () => {}, close: () => {} };
  }
  socket.addEventListener("open", () => listener.onOpen());
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string" && !isClosed) listener.onMessage(data);
  });
  socket.addEventListener("close", ({ code, reason }) => end(code, reason));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code, reason) => {
      // 1000 and 3000 to 4999 are the codes a page may send.
      socket.close(code, reason);
      setTimeout(() => end(code, reason), closeTimeoutMs);
    },
  };
};
