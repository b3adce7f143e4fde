import type { MethodName } from "@openclaw-gateway/protocol";

/** Methods that switch on events for one connection and have an `unsubscribe` beside them. */
export type SubscribeMethod = Exclude<Extract<MethodName, `${string}.subscribe`>, `${string}.unsubscribe`>;

/** A standing request. */
export type Subscription<R> = {
  /** The first answer. */
  readonly ready: Promise<R>;
  /** Forgets it and tells the gateway when the link is ready. */
  stop(): void;
};
