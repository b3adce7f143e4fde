import { randomUUID } from "node:crypto";
import { GatewayError } from "@openclaw-gateway/protocol";
import type { createSessionQueue } from "./session-queue.ts";

type Work = { sessionKey: string; stop(): void; done: Promise<void> };

/** Work on a session that must not meet one of its turns: it waits for its place in the session's queue and can be stopped. */
export function createBetweenTurns(queue: ReturnType<typeof createSessionQueue>) {
  const all = new Set<Work>();

  async function stop(works: readonly Work[]): Promise<void> {
    for (const work of works) work.stop();
    await Promise.all(works.map(({ done }) => done));
  }

  return {
    run: <T>(sessionKey: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const controller = new AbortController();
      const id = randomUUID();
      const entry: Work = {
        sessionKey,
        stop: () => {
          controller.abort();
          if (queue.remove(sessionKey, id)) reject(new GatewayError("UNAVAILABLE", "stopped before it began"));
        },
        done: promise.then(
          () => undefined,
          () => undefined,
        ),
      };
      all.add(entry);
      queue.add(sessionKey, {
        id,
        mode: "queue",
        run: () => work(controller.signal).then(resolve, reject),
      });
      return promise.finally(() => all.delete(entry));
    },
    stopOf: (sessionKey: string): Promise<void> => stop([...all].filter((work) => work.sessionKey === sessionKey)),
    stopAll: (): Promise<void> => stop([...all]),
    /** Resolves when what runs or waits now is over. */
    settled: async (): Promise<void> => void (await Promise.all([...all].map(({ done }) => done))),
  };
}
