import type { Log } from "./platform/log.ts";

export type PartState = { state: "starting" | "ready" | "failed"; reason?: string };

/**
 * Parts of the gateway that come up after the port is open, each on its own. A part that fails says so here; it never
 * ends the process.
 */
export function createParts(log: Log) {
  const states = new Map<string, PartState>();
  return {
    /** Follows a part from its start; rejects only where `opening` does, for those that depend on it. */
    supervise: <T>(name: string, opening: Promise<T>): Promise<T> => {
      states.set(name, { state: "starting" });
      opening.then(
        () => states.set(name, { state: "ready" }),
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          states.set(name, { state: "failed", reason });
          log.error({ part: name, err: error }, "a part of the gateway failed to start");
        },
      );
      return opening;
    },
    /** A part that was ready is being brought back. */
    restart: (name: string, error: Error): void => {
      states.set(name, { state: "starting", reason: error.message });
      log.warn({ part: name, err: error }, "a part of the gateway is started again");
    },
    restored: (name: string): void => {
      states.set(name, { state: "ready" });
      log.info({ part: name }, "a part of the gateway is back");
    },
    /** A part that was ready is not any more. */
    fail: (name: string, error: Error): void => {
      states.set(name, { state: "failed", reason: error.message });
      log.error({ part: name, err: error }, "a part of the gateway failed");
    },
    states: (): Record<string, PartState> => Object.fromEntries(states),
    get areReady(): boolean {
      return [...states.values()].every(({ state }) => state === "ready");
    },
  };
}
export type Parts = ReturnType<typeof createParts>;
