import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { at, isObject, textAt } from "./json.ts";
import { closesByServer, type Line, type Transcript } from "./transcript.ts";

/** A server that knows nothing but a recording: every message of the client is followed by what was recorded after it. */
export async function startRecordedGateway(
  transcript: Transcript,
  /** What to send in the place of a recorded message; undefined leaves it out. */
  change: (line: Line) => unknown = (line) => line.frame,
): Promise<AsyncDisposable & { url: string; port: number }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const sockets = new Map<string, WebSocket>();
  const lines = transcript.lines.filter(({ dir }) => dir !== "note" && dir !== "http");
  const serverCloses = closesByServer(transcript);
  let position = 0;

  /** Everything up to the next thing the client does. */
  function proceed(): void {
    for (; position < lines.length; position += 1) {
      const line = lines[position]!;
      const socket = sockets.get(line.conn);
      if (line.dir === "open" || line.dir === "send") return;
      if (line.dir === "recv") {
        const frame = change(line);
        if (frame !== undefined) socket?.send(JSON.stringify(frame));
      } else if (serverCloses.has(line)) {
        socket?.close(Number(at(line.frame, "code")), textAt(line.frame, "reason"));
      }
    }
  }

  server.on("connection", (socket) => {
    const line = lines[position];
    if (line?.dir !== "open") return socket.terminate();
    sockets.set(line.conn, socket);
    socket.on("message", () => {
      if (lines[position]?.dir === "send") position += 1;
      proceed();
    });
    position += 1;
    proceed();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Changes the first recorded message that fits. */
export function changing(
  fits: (frame: Record<string, unknown>) => boolean,
  edit: (frame: Record<string, unknown>) => unknown,
) {
  let isDone = false;
  return ({ frame }: Line): unknown => {
    if (isDone || !isObject(frame) || !fits(frame)) return frame;
    isDone = true;
    return edit(frame);
  };
}
