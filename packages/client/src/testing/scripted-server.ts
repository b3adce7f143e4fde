import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { createMessageQueue } from "./message-queue.ts";
import { createScriptedConnection, type ScriptedConnection } from "./scripted-connection.ts";

/** A gateway that says exactly what a test tells it to. */
export interface ScriptedServer extends AsyncDisposable {
  /** `ws://127.0.0.1:<port>`. */
  readonly url: string;
  /** The next client connection, in order of arrival. */
  accept(): Promise<ScriptedConnection>;
  /** How many clients have connected so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

/** Starts a real WebSocket server on a free port of 127.0.0.1. */
export async function createScriptedServer(): Promise<ScriptedServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  const connections = createMessageQueue<ScriptedConnection>();
  let accepted = 0;
  server.on("connection", (socket, request) => {
    accepted++;
    const { connection, onMessage, onClose } = createScriptedConnection({
      path: request.url ?? "/",
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
    });
    socket.on("message", (data: Buffer) => onMessage(data.toString("utf8")));
    socket.on("close", (code, reason) => onClose(code, reason.toString("utf8")));
    socket.on("error", () => {});
    connections.push(connection);
  });
  const close = async (): Promise<void> => {
    connections.end(new Error("the scripted server is closed"));
    for (const socket of server.clients) socket.terminate();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: () => connections.next(),
    get accepted() {
      return accepted;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
