import type { Gateway } from "../gateway.ts";
import type { Peer } from "../transport/transport.ts";
import type { TestDevice } from "./test-device.ts";

type Received = {
  type: string;
  event?: string;
  id?: string;
  ok?: boolean;
  seq?: number;
  payload?: Record<string, unknown>;
  error?: { code: string; message: string; details?: Record<string, unknown> };
};

/** A client on an in-memory link that keeps everything it receives, in order. */
export function createMemoryClient(gateway: Gateway, peer: Partial<Peer> = {}) {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let closed: { code: number; reason: string } | undefined;
  let nextId = 0;
  const wake = (): void => {
    for (const check of waiting) check();
  };
  const link = gateway.connectMemory(
    {
      onMessage: (data) => {
        received.push(JSON.parse(Buffer.from(data).toString("utf8")));
        wake();
      },
      onPong: () => {},
      onClose: (code, reason) => {
        closed = { code, reason };
        wake();
      },
    },
    peer,
  );

  function until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  }

  const client = {
    received,
    link,
    send: (frame: unknown): void => link.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    /** Sends a request and returns its answers; the first is enough unless more are asked for. */
    request: async (method: string, params?: unknown, answers = 1): Promise<Received> => {
      const id = `r${++nextId}`;
      client.send({ type: "req", id, method, ...(params !== undefined && { params }) });
      return until(() => received.filter((frame) => frame.type === "res" && frame.id === id)[answers - 1]);
    },
    connect: (over: Record<string, unknown> = {}): Promise<Received> =>
      client.request("connect", {
        minProtocol: 3,
        maxProtocol: 4,
        client: { id: "gateway-client", version: "1", platform: "test", mode: "backend" },
        role: "operator",
        scopes: ["operator.admin"],
        caps: ["tool-events"],
        auth: { token: "secret" },
        ...over,
      }),
    /** Connects as a device, with its signature over this connection's challenge. */
    connectAs: async (
      device: TestDevice,
      asked: Parameters<TestDevice["connectParams"]>[1] = {},
    ): Promise<Received> => {
      const challenge = await client.event("connect.challenge");
      const { nonce, ts } = challenge.payload as { nonce: string; ts: number };
      return client.request("connect", device.connectParams({ nonce, ts }, asked));
    },
    events: (name: string) => received.filter((frame) => frame.type === "event" && frame.event === name),
    /** The first event of a name that fits, past or future. */
    event: (name: string, fits: (payload: Record<string, unknown>) => boolean = () => true) =>
      until(() => client.events(name).find(({ payload }) => payload && fits(payload))),
    closed: () => until(() => closed),
  };
  return client;
}
