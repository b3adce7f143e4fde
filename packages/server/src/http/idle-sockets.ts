import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";

/** Sockets that may be open without asking for anything; each costs memory and a file descriptor. */
const maxIdle = 1_024;

/** Closes the sockets that have asked for nothing for longest when there are too many: half-open ones must not cost others. */
export function boundIdleSockets(server: Server, max = maxIdle): void {
  // In the order they fell silent.
  const idle = new Set<Duplex>();
  const rest = (socket: Duplex): void => {
    if (socket.destroyed) return;
    idle.add(socket);
    if (idle.size <= max) return;
    for (const oldest of idle) {
      idle.delete(oldest);
      oldest.destroy();
      return;
    }
  };
  // Over TLS requests come on another socket than the one below; the time its own handshake may take is bounded there.
  server.on(server instanceof HttpsServer ? "secureConnection" : "connection", (socket: Duplex) => {
    socket.once("close", () => idle.delete(socket));
    rest(socket);
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    response.once("close", () => rest(socket));
  });
  server.prependListener("upgrade", (_request: IncomingMessage, socket: Duplex) => void idle.delete(socket));
}
