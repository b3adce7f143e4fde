import type { OpenSocket } from "../core/index.ts";

/** Hears what the other end says. */
export type LinkListener = {
  onMessage(text: string): void;
  /** Called once, on both ends, whoever closed. */
  onClose(code: number, reason: string): void;
};

/** One of two message ends in memory. */
export interface LinkEnd {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Messages that came before wait for the listener. */
  listen(listener: LinkListener): void;
  /** Holds what is on its way to this end. */
  fence(): Fence;
}

/** Messages that wait. A close waits behind them. */
export interface Fence {
  readonly held: number;
  /** Lets the next `count` messages through. */
  release(count: number): void;
  /** Takes the fence away. */
  lift(): void;
}

type Delivery = { text: string } | { code: number; reason: string };

/**
 * Two ends of a link: what one sends the other hears, in order, each message in a task of its own. Either direction can
 * be fenced, which writes a race as plain lines.
 */
export function createLinkedPair(): { left: LinkEnd; right: LinkEnd } {
  let isOpen = true;
  const toLeft = createLane();
  const toRight = createLane();
  const end = (out: Lane, back: Lane): LinkEnd => ({
    send: (text) => {
      if (isOpen) out.push({ text });
    },
    close: (code, reason) => {
      if (!isOpen) return;
      isOpen = false;
      out.push({ code, reason });
      back.push({ code, reason });
    },
    listen: back.listen,
    fence: back.fence,
  });
  return { left: end(toRight, toLeft), right: end(toLeft, toRight) };
}

/** A transport whose every socket is a linked pair; `accept` gets the gateway's end of each. */
export function createLinkedTransport(accept: (end: LinkEnd, url: string) => void): OpenSocket {
  return (url, listener) => {
    const { left, right } = createLinkedPair();
    let isClosed = false;
    queueMicrotask(() => {
      if (isClosed) return;
      listener.onOpen();
      left.listen(listener);
      accept(right, url);
    });
    return {
      send: (text) => left.send(text),
      close: (code, reason) => {
        if (isClosed) return;
        isClosed = true;
        left.close(code, reason);
        left.listen({ onMessage: () => {}, onClose: () => listener.onClose(code, reason) });
      },
    };
  };
}

type Lane = {
  push(delivery: Delivery): void;
  listen: (listener: LinkListener) => void;
  fence: () => Fence;
};

/** One direction. */
function createLane(): Lane {
  const queue: Delivery[] = [];
  let listener: LinkListener | undefined;
  let allowed = Number.POSITIVE_INFINITY;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || listener === undefined || queue.length === 0 || allowed <= 0) return;
    isScheduled = true;
    queueMicrotask(deliver);
  }
  function deliver(): void {
    isScheduled = false;
    if (listener === undefined || allowed <= 0) return;
    const next = queue.shift();
    if (next === undefined) return;
    allowed--;
    if ("text" in next) listener.onMessage(next.text);
    else listener.onClose(next.code, next.reason);
    schedule();
  }

  return {
    push: (delivery) => {
      queue.push(delivery);
      schedule();
    },
    listen: (next) => {
      listener = next;
      schedule();
    },
    fence: () => {
      allowed = 0;
      return {
        get held() {
          return queue.length;
        },
        release: (count) => {
          allowed += count;
          schedule();
        },
        lift: () => {
          allowed = Number.POSITIVE_INFINITY;
          schedule();
        },
      };
    },
  };
}
