import type { Transport, TransportListener } from "./transport.ts";

/** The client's end of an in-memory link. */
export interface MemoryLink {
  send(message: Uint8Array | string): void;
  close(code: number, reason: string): void;
}

/**
 * Links a client inside the process to a connection. Messages are delivered in order, each in a task of its own, so
 * that both ends see the interleavings a socket would give them.
 */
export function createMemoryTransport(client: TransportListener): {
  transport: Transport;
  attach(server: TransportListener): MemoryLink;
} {
  let open = true;
  let maxPayload = Number.POSITIVE_INFINITY;
  let server: TransportListener | undefined;
  const encoder = new TextEncoder();
  const bytes = (message: Uint8Array | string): Uint8Array =>
    typeof message === "string" ? encoder.encode(message) : message;
  const end = (code: number, reason: string): void => {
    if (!open) return;
    open = false;
    queueMicrotask(() => {
      server?.onClose(code, reason);
      client.onClose(code, reason);
    });
  };
  const transport: Transport = {
    send: (message) => {
      const data = bytes(message);
      if (open) queueMicrotask(() => client.onMessage(data));
    },
    bufferedBytes: 0,
    close: end,
    terminate: () => end(1006, ""),
    dropSoon: () => end(1006, ""),
    setMaxPayload: (limit) => {
      maxPayload = limit;
    },
    ping: () => queueMicrotask(() => open && server?.onPong()),
  };
  return {
    transport,
    attach: (listener) => {
      server = listener;
      return {
        send: (message) => {
          const data = bytes(message);
          if (!open) return;
          if (data.byteLength > maxPayload) return end(1009, "");
          queueMicrotask(() => open && listener.onMessage(data));
        },
        close: end,
      };
    },
  };
}
