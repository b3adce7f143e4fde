import type { MethodName } from "@openclaw-gateway/protocol";
import { ConnectionError } from "./connection-error.ts";

/** Methods that switch on events for one connection and have an `unsubscribe` beside them. */
export type SubscribeMethod = Extract<MethodName, `${string}.subscribe`>;

/** A standing request. */
export type Subscription<R> = {
  /** The first answer. */
  readonly ready: Promise<R>;
  /** Forgets it and tells the gateway, when the link is ready. */
  stop(): void;
};

type Standing = {
  method: string;
  params: unknown;
  /** The gateway said yes once; from then on no answer to a replay ends it. */
  isConfirmed: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
};

export interface Subscriptions {
  /** The catalogue says what `R` is; the client does not check it again. */
  add<R>(method: string, params: unknown): Subscription<R>;
  /** A new link knows nothing of the old one. */
  replay(): void;
  /** The story is over: nobody will answer. */
  clear(error: ConnectionError): void;
}

export type SubscriptionDeps = {
  isLinkReady: () => boolean;
  request: (method: string, params: unknown) => Promise<unknown>;
};

/** Keeps standing requests alive over reconnects. */
export function createSubscriptions({ isLinkReady, request }: SubscriptionDeps): Subscriptions {
  const standing = new Set<Standing>();

  function send(entry: Standing): void {
    request(entry.method, entry.params).then(
      (result) => {
        entry.isConfirmed = true;
        entry.resolve(result);
      },
      (error: unknown) => {
        // A lost link is followed by a replay.
        if (entry.isConfirmed || (error instanceof ConnectionError && error.reason === "closed")) return;
        standing.delete(entry);
        entry.reject(error);
      },
    );
  }

  return {
    add: <R>(method: string, params: unknown) => {
      const { promise, resolve, reject } = Promise.withResolvers<R>();
      // Not everybody waits for the first answer.
      promise.catch(() => {});
      const entry: Standing = { method, params, isConfirmed: false, resolve: (result) => resolve(result as R), reject };
      standing.add(entry);
      if (isLinkReady()) send(entry);
      return {
        ready: promise,
        stop: () => {
          if (!standing.delete(entry)) return;
          reject(new ConnectionError("aborted", `${method}: stopped`));
          const isShared = [...standing].some((other) => other.method === method && keyOf(other) === keyOf(entry));
          if (isShared || !isLinkReady()) return;
          const opposite = method.replace(/subscribe$/, "unsubscribe");
          request(opposite, params).catch(() => {
            // The link went away, and the subscription with it.
          });
        },
      };
    },
    replay: () => {
      for (const entry of standing) send(entry);
    },
    clear: (error) => {
      for (const entry of standing) entry.reject(error);
      standing.clear();
    },
  };
}

/** Two subscriptions of one method are the same to the gateway when they name the same key. */
function keyOf({ params }: Standing): unknown {
  return typeof params === "object" && params !== null && "key" in params ? params.key : undefined;
}
