import { WebSocket } from "ws";
import type { Peer, TransportListener } from "@openclaw-gateway/server";
import { isObject, type JsonObject } from "./json.ts";

export type CloseInfo = { code: number; reason: string };

/** One end of a link, seen as bytes: nothing is interpreted, everything that came is kept. */
export interface RawClient {
  /** Everything received, oldest first. Messages that are no JSON objects are kept as `{ raw }`. */
  readonly received: readonly JsonObject[];
  send(frame: unknown): void;
  sendRaw(data: string | Uint8Array): void;
  /** The oldest message not taken yet. */
  next(timeoutMs?: number): Promise<JsonObject>;
  /** Takes messages until one fits, and returns it. */
  until(fits: (frame: JsonObject) => boolean, timeoutMs?: number): Promise<JsonObject>;
  /** The first message ever received that fits, without taking anything. */
  find(fits: (frame: JsonObject) => boolean, timeoutMs?: number): Promise<JsonObject>;
  close(code?: number, reason?: string): void;
  /** How the link ended, whoever ended it. */
  closed(timeoutMs?: number): Promise<CloseInfo>;
  readonly isClosed: boolean;
}

/** A socket client can also stop reading, which a link in memory cannot. */
export interface RawSocket extends RawClient {
  pause(): void;
  resume(): void;
}

const defaultTimeoutMs = 5_000;

type Wire = { send(data: string | Uint8Array): unknown; close(code: number, reason: string): void };

/** Everything but the wire: the log of what came and who waits for what. */
function createLog(wire: Wire) {
  const received: JsonObject[] = [];
  let taken = 0;
  let end: CloseInfo | undefined;
  const wake = new Set<() => void>();

  const changed = (): void => {
    for (const check of wake) check();
  };

  /** Waits until `look` finds something; gives up when the link ended or the time is over. */
  function waitFor<T>(look: () => T | undefined, what: string, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        wake.delete(check);
      };
      const check = (): void => {
        const found = look();
        if (found !== undefined) {
          stop();
          resolve(found);
        } else if (end && what !== "close") {
          stop();
          reject(new Error(`link closed (${end.code} ${end.reason}) while waiting for ${what}`));
        }
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`no ${what} within ${timeoutMs} ms`));
      }, timeoutMs);
      wake.add(check);
      check();
    });
  }

  const client: RawClient = {
    received,
    send: (frame) => wire.send(JSON.stringify(frame)),
    sendRaw: (data) => wire.send(data),
    next: (timeoutMs = defaultTimeoutMs) =>
      waitFor(() => (taken < received.length ? received[taken++] : undefined), "message", timeoutMs),
    until: (fits, timeoutMs = defaultTimeoutMs) =>
      waitFor(
        () => {
          while (taken < received.length) {
            const frame = received[taken++];
            if (frame && fits(frame)) return frame;
          }
          return undefined;
        },
        "message that fits",
        timeoutMs,
      ),
    find: (fits, timeoutMs = defaultTimeoutMs) => waitFor(() => received.find(fits), "message that fits", timeoutMs),
    close: (code = 1000, reason = "") => wire.close(code, reason),
    closed: (timeoutMs = defaultTimeoutMs) => waitFor(() => end, "close", timeoutMs),
    get isClosed() {
      return end !== undefined;
    },
  };
  return {
    client,
    message: (data: string) => {
      received.push(parse(data));
      changed();
    },
    ended: (code: number, reason: string) => {
      end ??= { code, reason };
      changed();
    },
  };
}

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Kept as it came.
  }
  return { raw: text };
}

/** Opens a real socket. Resolves when the upgrade is done. */
export function connectSocket(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  const log = createLog({
    // Unsent data dies with the socket, as it does for any client.
    send: (data) => socket.readyState === WebSocket.OPEN && socket.send(data),
    close: (code, reason) => socket.close(code, reason),
  });
  socket.on("message", (data: Buffer) => log.message(data.toString("utf8")));
  socket.on("close", (code, reason) => log.ended(code, reason.toString("utf8")));
  const client = Object.assign(log.client, { pause: () => socket.pause(), resume: () => socket.resume() });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => resolve(client));
  });
}

/** What a gateway offers to clients of its own process. */
type MemoryGateway = { connectMemory(client: TransportListener, peer?: Partial<Peer>): Wire };

/** The same over a link inside the process. */
export function connectMemory(gateway: MemoryGateway, peer?: Partial<Peer>): RawClient {
  const log = createLog({
    send: (data) => link.send(data),
    close: (code, reason) => link.close(code, reason),
  });
  const link: Wire = gateway.connectMemory(
    { onMessage: (data) => log.message(new TextDecoder().decode(data)), onPong: () => {}, onClose: log.ended },
    peer,
  );
  return log.client;
}
