import { setTimeout as sleep } from "node:timers/promises";
import { StorageError } from "./storage-error.ts";
import type { WorkerEvents, WorkerLink } from "./worker-link.ts";

/** What becomes of a database that was open. */
export type DatabaseState =
  /** The writer has died; reads go on, new writes wait for the next writer. */
  | { at: "restarting"; error: StorageError }
  /** A new writer works. What the last one had in hand may or may not be on disk. */
  | { at: "restored" }
  /** The file is damaged: writes are refused for good, reads go on as far as they can. */
  | { at: "damaged"; error: StorageError }
  /** No writer can be had any more. */
  | { at: "lost"; error: StorageError };

/** Pauses before each attempt to start a writer again; after the last one the writer is lost. */
const restartDelaysMs = [0, 250, 1_000, 4_000];
/** A writer that has worked for so long is not to blame for the crash before. */
const steadyMs = 60_000;
/** Writes that wait for the next writer at most. */
const maxHeld = 20_000;

type Held = { start(link: WorkerLink): void; refuse(error: StorageError): void };

/**
 * A worker that is started again when it dies. What it had in hand is rejected as `writer-lost`, because nobody knows what
 * of it is on disk; what comes meanwhile waits for the next one, in order.
 */
export function createWriter(
  start: (events: WorkerEvents) => WorkerLink,
  onState: (state: DatabaseState) => void,
  delaysMs: readonly number[] = restartDelaysMs,
): WorkerLink {
  let held: Held[] = [];
  let isRestarting = false;
  let isClosing = false;
  let lost: StorageError | undefined;
  let attempts = 0;
  let openedAtMs = performance.now();
  let restarting = Promise.resolve();
  const events: WorkerEvents = {
    onDamage: (error) => onState({ at: "damaged", error }),
    onLost: (error) => {
      if (isClosing) return;
      isRestarting = true;
      onState({ at: "restarting", error });
      restarting = restart(error);
    },
  };
  let link = start(events);

  async function restart(cause: StorageError): Promise<void> {
    if (performance.now() - openedAtMs > steadyMs) attempts = 0;
    let last = cause;
    while (!isClosing && attempts < delaysMs.length) {
      await sleep(delaysMs[attempts++]);
      if (isClosing) break;
      const next = start(events);
      try {
        await next.ready;
        return takeOver(next);
      } catch (error) {
        last = error instanceof StorageError ? error : last;
      }
    }
    refuse(
      isClosing
        ? closedError()
        : new StorageError({ reason: "writer-lost", message: giveUpText(last) }, { cause: last }),
    );
  }

  function takeOver(next: WorkerLink): void {
    link = next;
    openedAtMs = performance.now();
    isRestarting = false;
    // Before anybody hears of it, so that calls keep their order.
    const waiting = held;
    held = [];
    for (const each of waiting) each.start(next);
    if (!isClosing) onState({ at: "restored" });
  }

  function refuse(error: StorageError): void {
    lost = error;
    isRestarting = false;
    const waiting = held;
    held = [];
    for (const each of waiting) each.refuse(error);
    if (!isClosing) onState({ at: "lost", error });
  }

  function enter<Value>(call: (link: WorkerLink) => Promise<Value>): Promise<Value> {
    if (lost) return Promise.reject(lost);
    if (!isRestarting) return call(link);
    if (isClosing) return Promise.reject(closedError());
    if (held.length >= maxHeld)
      return Promise.reject(
        new StorageError({ reason: "overloaded", message: "too many writes wait for the database" }),
      );
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    held.push({ start: (next) => resolve(call(next)), refuse: reject });
    return promise;
  }

  return {
    ready: link.ready,
    write: (statements) => enter((current) => current.write(statements)),
    scan: (statement) => enter((current) => current.scan(statement)),
    close: async () => {
      isClosing = true;
      await restarting;
      await link.close();
    },
  };
}

const closedError = (): StorageError => new StorageError({ reason: "closed", message: "the database is closed" });
const giveUpText = (last: StorageError): string => `the database writer could not be started again: ${last.message}`;
