import type { EventFrame, RequestFrame, WireError } from "@openclaw-gateway/protocol/wire";
import { createMessageQueue } from "./message-queue.ts";

/** The far end of one client connection, as a test script sees it. */
export interface ScriptedConnection {
  /** Path and query of the upgrade request. */
  readonly path: string;
  /** The next request; rejects when the client is gone before one comes. `method` makes any other an error. */
  receive(method?: string): Promise<RequestFrame>;
  /** Sends any JSON value. */
  send(value: unknown): void;
  /** Sends text as it is. */
  sendText(text: string): void;
  event(event: string, payload?: unknown, more?: Partial<EventFrame>): void;
  respond(request: RequestFrame, payload?: unknown): void;
  refuse(request: RequestFrame, error: Partial<WireError> & { message: string }): void;
  /** Challenge, `connect`, `hello-ok`; returns the `connect` request. */
  welcome(hello?: Record<string, unknown>): Promise<RequestFrame>;
  close(code: number, reason?: string): void;
  /** Drops the link without a close frame. */
  terminate(): void;
  /** How the link ended, whoever ended it. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** What carries a scripted connection: a real socket or an end of a linked pair. */
export type ScriptedLink = {
  path: string;
  send(text: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
};

/** `hello-ok` of a gateway that knows nothing; members given replace whole members. */
export function createHello(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "hello-ok",
    protocol: 4,
    server: { version: "2026.11.20", connId: "scripted" },
    features: { methods: [], events: [] },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 1 },
    auth: { role: "operator", scopes: ["operator.admin"] },
    policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
    ...members,
  };
}

/** Drives one link by a script; the link reports through the returned `onMessage` and `onClose`. */
export function createScriptedConnection(link: ScriptedLink): {
  connection: ScriptedConnection;
  onMessage: (text: string) => void;
  onClose: (code: number, reason: string) => void;
} {
  const requests = createMessageQueue<RequestFrame>();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  const send = (value: unknown): void => link.send(JSON.stringify(value));
  const connection: ScriptedConnection = {
    path: link.path,
    receive: async (method) => {
      const request = await requests.next();
      if (method !== undefined && request.method !== method) {
        throw new Error(`expected ${method}, the client sent ${request.method}`);
      }
      return request;
    },
    send,
    sendText: (text) => link.send(text),
    event: (event, payload, more) => send({ type: "event", event, payload, ...more }),
    respond: ({ id }, payload) => send({ type: "res", id, ok: true, payload }),
    refuse: ({ id }, error) => send({ type: "res", id, ok: false, error: { code: "INVALID_REQUEST", ...error } }),
    welcome: async (hello) => {
      connection.event("connect.challenge", { nonce: "nonce-1", ts: 1_700_000_000_000 });
      const request = await connection.receive("connect");
      connection.respond(request, createHello(hello));
      return request;
    },
    close: (code, reason = "") => link.close(code, reason),
    terminate: () => link.terminate(),
    closed: closed.promise,
  };
  return {
    connection,
    onMessage: (text) => requests.push(JSON.parse(text) as RequestFrame),
    onClose: (code, reason) => {
      requests.end(new Error(`the client is gone (${code} ${reason})`));
      closed.resolve({ code, reason });
    },
  };
}
