import type { HelloOk } from "@openclaw-gateway/protocol";
import type { Cancel, Clock } from "./clock.ts";
import type { ConnState } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Failure } from "./endings.ts";
import type { Shell } from "./shell.ts";

/** Callers of `connect()`: each waits for `hello-ok`, for the end of the story, or for its time to be over. */
export interface Connecting {
  wait(): Promise<HelloOk>;
  onState(state: ConnState): void;
}

export type ConnectingDeps = { clock: Clock; connectTimeoutMs: number; shell: Shell; goesOn: () => boolean };

export function createConnecting({ clock, connectTimeoutMs, shell, goesOn }: ConnectingDeps): Connecting {
  type Waiter = { resolve(hello: HelloOk): void; reject(error: Error): void; cancel: Cancel };
  const waiters = new Set<Waiter>();
  /** What the last attempt met, for those who ran out of time. */
  let lastError: Failure | undefined;

  function expire(waiter: Waiter): void {
    const error = new ConnectionError("timeout", `Connection timeout after ${connectTimeoutMs}ms`, {
      cause: lastError,
    });
    waiters.delete(waiter);
    waiter.reject(error);
    // A client that tries again goes on; the other one had its only attempt.
    if (!goesOn()) shell.take({ on: "deadline", error });
  }

  return {
    wait: () => {
      const { state } = shell;
      if (state.at === "ready") return Promise.resolve(state.hello);
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { resolve, reject, cancel: () => {} };
        waiter.cancel = clock.at(clock.now() + connectTimeoutMs, () => expire(waiter));
        waiters.add(waiter);
        if (state.at === "idle" || state.at === "stopped") shell.begin();
      });
    },
    onState: (state) => {
      if (state.at === "waiting") lastError = state.lastError;
      if (state.at !== "ready" && state.at !== "stopped") return;
      for (const waiter of waiters) {
        waiter.cancel();
        if (state.at === "ready") waiter.resolve(state.hello);
        else waiter.reject(state.error ?? new ConnectionError("closed", "the client was closed"));
      }
      waiters.clear();
      lastError = undefined;
    },
  };
}
