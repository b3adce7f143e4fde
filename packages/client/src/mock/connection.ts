import {
  type EventFrame,
  type EventPosition,
  hasScope,
  type RequestFrame,
  streamPositionsCap,
} from "@openclaw-gateway/protocol/wire";
import {
  ConnectParams,
  describeIssues,
  findEvent,
  GatewayError,
  type HelloOk,
  type WireError,
} from "@openclaw-gateway/protocol";
import type { SocketListener } from "../core/index.ts";

/** A client of the simulated gateway. */
export interface MockConnection {
  readonly connId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly caps: ReadonlySet<string>;
  readonly connectedAtMs: number;
  /** Wants `sessions.changed`. */
  watchesSessions: boolean;
  /** Canonical keys whose messages it wants. */
  readonly watchedKeys: Set<string>;
  /** Streams it follows, with everything in them. */
  readonly followed: Set<string>;
  /** Sends an event that its scopes allow. */
  send(event: string, payload: unknown, position?: EventPosition): void;
  close(code: number, reason: string): void;
}

export type MockConnectionDeps = {
  connId: string;
  nonce: string;
  nowMs: () => number;
  listener: SocketListener;
  /** Why a credential is refused; undefined when it is right. */
  refuse(params: ConnectParams): GatewayError | undefined;
  hello(connection: MockConnection): HelloOk;
  /** What can be answered at once is, before anything else is told. */
  call(connection: MockConnection, method: string, params: unknown, accept: (payload: unknown) => void): unknown;
  onReady(connection: MockConnection): void;
  onGone(connection: MockConnection): void;
};

/** The gateway's end of one link: the handshake, then requests; each message leaves in a task of its own, in order. */
export function createMockConnection(deps: MockConnectionDeps): {
  receive(text: string): void;
  challenge(): void;
  close(code: number, reason: string): void;
} {
  const { listener, nowMs } = deps;
  let connection: MockConnection | undefined;
  let isOpen = true;
  let seq = 0;

  function write(frame: unknown): void {
    const text = JSON.stringify(frame);
    queueMicrotask(() => isOpen && listener.onMessage(text));
  }

  function end(code: number, reason: string): void {
    if (!isOpen) return;
    // What was written before is heard before.
    queueMicrotask(() => {
      if (!isOpen) return;
      isOpen = false;
      if (connection) deps.onGone(connection);
      listener.onClose(code, reason);
    });
  }

  function send(event: string, payload: unknown, position?: EventPosition): void {
    const spec = findEvent(event);
    if (!isOpen || (spec?.scope !== undefined && !hasScope(connection?.scopes ?? [], spec.scope))) return;
    const isNumbered = !(spec?.droppable ?? spec?.unnumbered ?? false);
    if (isNumbered) seq++;
    const isPlaced = position !== undefined && connection?.caps.has(streamPositionsCap) === true;
    write({
      type: "event",
      event,
      payload,
      ...(isPlaced ? { position } : {}),
      ...(isNumbered ? { seq } : {}),
    } satisfies EventFrame);
  }

  const answer = (id: string, payload: unknown): void => write({ type: "res", id, ok: true, payload });
  const refuse = (id: string, error: WireError, payload?: unknown): void =>
    write({ type: "res", id, ok: false, error, ...(payload === undefined ? {} : { payload }) });

  function connect({ id, params }: RequestFrame): void {
    const read = ConnectParams.safeParse(params ?? {}, { reportInput: true });
    const error = read.success
      ? deps.refuse(read.data)
      : new GatewayError("INVALID_REQUEST", `invalid connect params: ${describeIssues(read.error.issues)}`);
    if (error || !read.success) {
      const { message } = error ?? {};
      if (error) refuse(id, error.toWire());
      return end(1008, message ?? "");
    }
    const { client, scopes = ["operator.admin"], caps = [] } = read.data;
    connection = {
      connId: deps.connId,
      name: client.displayName ?? client.id,
      scopes,
      caps: new Set(caps),
      connectedAtMs: nowMs(),
      watchesSessions: false,
      watchedKeys: new Set(),
      followed: new Set(),
      send,
      close: end,
    };
    deps.onReady(connection);
    answer(id, deps.hello(connection));
  }

  async function request(from: MockConnection, { id, method, params }: RequestFrame): Promise<void> {
    try {
      const result = deps.call(from, method, params, (payload) => answer(id, payload));
      answer(id, result instanceof Promise ? await result : result);
    } catch (error) {
      const known =
        error instanceof GatewayError
          ? error
          : new GatewayError("UNAVAILABLE", `the mock gateway failed: ${String(error)}`, { cause: error });
      refuse(id, known.toWire(), known.payload);
    }
  }

  return {
    challenge: () => write({ type: "event", event: "connect.challenge", payload: { nonce: deps.nonce, ts: nowMs() } }),
    receive: (text) => {
      const frame = readRequest(text);
      if (!isOpen || frame === undefined) return;
      if (connection) void request(connection, frame);
      else if (frame.method === "connect") connect(frame);
      else end(1008, "invalid handshake: first request must be connect");
    },
    close: end,
  };
}

function readRequest(text: string): RequestFrame | undefined {
  const frame = JSON.parse(text) as Partial<RequestFrame>;
  return frame.type === "req" && typeof frame.id === "string" && typeof frame.method === "string"
    ? { ...frame, type: "req", id: frame.id, method: frame.method }
    : undefined;
}
