import { WebSocket } from "ws";

type Frame = {
  type?: string;
  id?: unknown;
  ok?: boolean;
  event?: string;
  payload?: unknown;
  error?: { code: string; message: string; details?: Record<string, unknown>; retryAfterMs?: number };
};

export const connectRequest = (over: Record<string, unknown> = {}) => ({
  type: "req",
  id: "c",
  method: "connect",
  params: {
    minProtocol: 3,
    maxProtocol: 4,
    client: { id: "gateway-client", version: "1", platform: "test", mode: "backend" },
    scopes: ["operator.admin"],
    auth: { token: "secret" },
    ...over,
  },
});

/** A real socket with a queue: frames are taken in order, the close is one of them. */
export async function openSocket(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { headers, perMessageDeflate: false });
  const frames: Frame[] = [];
  const waiting: (() => void)[] = [];
  let closed: { code: number; reason: string } | undefined;
  const wake = (): void => {
    for (const next of waiting.splice(0)) next();
  };
  socket.on("message", (data: Buffer) => {
    frames.push(JSON.parse(data.toString("utf8")));
    wake();
  });
  socket.on("close", (code, reason) => {
    closed = { code, reason: reason.toString() };
    wake();
  });
  const opened = Promise.withResolvers<void>();
  socket.once("open", () => opened.resolve());
  socket.once("error", (error) => opened.reject(error));
  socket.on("error", () => {});
  await opened.promise;

  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  const take = (fits: (frame: Frame) => boolean): Promise<Frame> =>
    until(() => {
      const index = frames.findIndex(fits);
      return index < 0 ? undefined : frames.splice(index, 1)[0];
    });
  const client = {
    socket,
    send: (frame: unknown): void =>
      socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame)),
    answer: (id: unknown) => take((frame) => frame.type === "res" && frame.id === id),
    event: (name: string) => take((frame) => frame.event === name),
    connect: async (over: Record<string, unknown> = {}): Promise<Frame> => {
      client.send(connectRequest(over));
      return client.answer("c");
    },
    closed: () => until(() => closed),
    get isOpen() {
      return closed === undefined;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
  return client;
}
