import { connect as connectSocket, type Socket } from "node:net";
import { WebSocket } from "ws";

export type Address = { port: number; token: string };

/** A client with hand-written frames, as cheap as it can be, so that the server is what is measured. */
export type WireConnection = {
  readonly socket: WebSocket;
  /** The stream below, for sending many frames at once. */
  readonly stream: Socket;
  /** Receives every frame that no `request` waits for. */
  onFrame: (data: Buffer) => void;
  request(method: string, params?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
};

const openTimeoutMs = 10_000;

/** Connects and resolves at `hello-ok`. */
export function openConnection({ port, token }: Address, caps: readonly string[] = []): Promise<WireConnection> {
  return new Promise((resolve, reject) => {
    const stream = connectSocket({ port, host: "127.0.0.1", noDelay: true });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
      createConnection: () => stream,
      perMessageDeflate: false,
      handshakeTimeout: openTimeoutMs,
    });
    const waiting = new Map<
      string,
      { method: string; resolve(payload: Record<string, unknown>): void; reject(error: Error): void }
    >();
    let lastId = 0;
    let isOpen = false;

    const connection: WireConnection = {
      socket,
      stream,
      onFrame: () => {},
      request: (method, params) =>
        new Promise((done, fail) => {
          const id = `r${++lastId}`;
          waiting.set(id, { method, resolve: done, reject: fail });
          socket.send(JSON.stringify({ type: "req", id, method, ...(params && { params }) }));
        }),
      close: () =>
        new Promise((done) => {
          if (socket.readyState === socket.CLOSED) return done();
          socket.once("close", () => done());
          socket.close(1000);
        }),
    };

    function onMessage(data: Buffer): void {
      if (!isOpen) return takeHandshake(JSON.parse(data.toString("utf8")));
      if (waiting.size === 0 || !data.subarray(0, 12).includes("res")) return connection.onFrame(data);
      const { id, ok, payload, error } = JSON.parse(data.toString("utf8"));
      const caller = waiting.get(id);
      if (!caller) return connection.onFrame(data);
      waiting.delete(id);
      if (ok) caller.resolve(payload);
      else caller.reject(new Error(`${caller.method} failed: ${JSON.stringify(error)}`));
    }

    function takeHandshake(frame: { type: string; event?: string; ok?: boolean; error?: unknown }): void {
      if (frame.event === "connect.challenge") return socket.send(connectFrame(token, caps));
      if (frame.type !== "res") return;
      if (!frame.ok) return reject(new Error(`connect was refused: ${JSON.stringify(frame.error)}`));
      isOpen = true;
      resolve(connection);
    }

    socket.on("message", onMessage);
    socket.on("error", reject);
    socket.on("close", (code, reason) => {
      const error = new Error(`the connection was closed: ${code} ${reason.toString("utf8")}`);
      reject(error);
      for (const caller of waiting.values()) caller.reject(error);
    });
  });
}

const connectFrame = (token: string, caps: readonly string[]): string =>
  JSON.stringify({
    type: "req",
    id: "connect",
    method: "connect",
    params: {
      minProtocol: 3,
      maxProtocol: 4,
      client: { id: "gateway-client", version: "1.0.0", platform: process.platform, mode: "backend" },
      role: "operator",
      caps,
      scopes: ["operator.admin", "operator.read", "operator.write"],
      auth: { token },
    },
  });

/** Opens many connections, a few at a time. */
export async function openMany(address: Address, count: number): Promise<WireConnection[]> {
  const opened: WireConnection[] = [];
  while (opened.length < count) {
    const batch = Array.from({ length: Math.min(20, count - opened.length) }, () => openConnection(address));
    opened.push(...(await Promise.all(batch)));
  }
  return opened;
}
