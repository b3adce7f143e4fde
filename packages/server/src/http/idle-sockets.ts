import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Clock } from "../platform/clock.ts";
import { createQueueOf } from "../platform/queue-of.ts";

/**
 * Sockets that may be open without asking for anything; each costs memory and a file descriptor. A crowd that comes at once
 * and then speaks is let in up to `max`; of those silent for longer than `patienceMs` only `patient` may stay.
 */
const idleLimits = { max: 1_024, patient: 256, patienceMs: 100 } as const;

/** Closes the sockets that have asked for nothing for longest when there are too many: half-open ones must not cost others. */
export function boundIdleSockets(server: Server, clock: Clock): void {
  // In the order they fell silent.
  const idle = createQueueOf<{ socket: Duplex; sinceMs: number }>();
  const exits = new WeakMap<Duplex, () => void>();
  const leave = (socket: Duplex): void => exits.get(socket)?.();
  const isTooFull = (sinceMs: number, now: number): boolean =>
    idle.size > idleLimits.max || (idle.size > idleLimits.patient && now - sinceMs > idleLimits.patienceMs);
  const rest = (socket: Duplex): void => {
    if (socket.destroyed) return;
    const now = clock.now();
    exits.set(socket, idle.add({ socket, sinceMs: now }));
    for (let { oldest } = idle; oldest && isTooFull(oldest.sinceMs, now); { oldest } = idle) {
      leave(oldest.socket);
      oldest.socket.destroy();
    }
  };
  // Over TLS requests come on another socket than the one below; the time its own handshake may take is bounded there.
  server.on(server instanceof HttpsServer ? "secureConnection" : "connection", (socket: Duplex) => {
    socket.once("close", () => leave(socket));
    rest(socket);
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    leave(socket);
    response.once("close", () => rest(socket));
  });
  server.prependListener("upgrade", (_request: IncomingMessage, socket: Duplex) => leave(socket));
}
