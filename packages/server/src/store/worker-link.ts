import { setImmediate } from "node:timers";
import { Worker } from "node:worker_threads";
import type { Outcome } from "./commit-group.ts";
import type { WriteResult } from "./database.ts";
import type { BoundStatement } from "./prepared-statements.ts";
import { StorageError, toStorageError } from "./storage-error.ts";
import type { WorkerAnswer, WorkerCall, WorkerMessage, WorkerTask } from "./worker-messages.ts";

/** Calls that wait for the worker at most; more means that the disk does not keep up. */
const maxWaiting = 20_000;

type Waiting<Value> = Map<number, PromiseWithResolvers<Value>>;

/** The I/O thread's side of a database worker. */
export interface WorkerLink {
  /** Resolves when the worker has the database open, or has done what it was started for. */
  readonly ready: Promise<void>;
  write(statements: readonly BoundStatement[]): Promise<readonly WriteResult[]>;
  scan(statement: BoundStatement): Promise<unknown[]>;
  /** Lets the calls made so far end, then the worker. */
  close(): Promise<void>;
}

export type WorkerEvents = {
  /** The file is found damaged; told once. */
  onDamage(error: StorageError): void;
  /** The worker has ended by itself after it was ready; everything that waited for it was rejected. */
  onLost(error: StorageError): void;
};

export function createWorkerLink(url: URL, task: WorkerTask, { onDamage, onLost }: WorkerEvents): WorkerLink {
  // Node 22 calls SQLite experimental each time; whoever reads the log can do nothing about it.
  const execArgv = ["--disable-warning=ExperimentalWarning"];
  const worker = new Worker(url, { workerData: task, execArgv, name: `store-${task.task}` });
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  const writes: Waiting<readonly WriteResult[]> = new Map();
  const scans: Waiting<unknown[]> = new Map();
  let batch: WorkerCall[] = [];
  let lastId = 0;
  let isOpen = false;
  let isClosing = false;
  let isDamaged = false;
  let ended: StorageError | undefined;

  const waitingCalls = (): number => writes.size + scans.size;

  function settle<Value>(calls: Waiting<Value>, id: number, outcome: Outcome<Value>): void {
    const call = calls.get(id);
    calls.delete(id);
    if (outcome.ok) return call?.resolve(outcome.value);
    const error = toStorageError(outcome.fault);
    call?.reject(error);
    if (error.reason !== "corrupt" || isDamaged) return;
    isDamaged = true;
    onDamage(error);
  }

  function take(answer: WorkerAnswer): void {
    if (answer.to === "write") settle(writes, answer.id, answer.outcome);
    else settle(scans, answer.id, answer.outcome);
  }

  /** A call that waits keeps the process alive; an idle worker does not. */
  function holdProcess(): void {
    if (!isOpen || isClosing || waitingCalls() > 0) worker.ref();
    else worker.unref();
  }

  function end(error: StorageError): void {
    if (ended) return;
    ended = error;
    ready.reject(error);
    for (const { reject } of [...writes.values(), ...scans.values()]) reject(error);
    writes.clear();
    scans.clear();
  }

  worker.on("message", (message: WorkerMessage) => {
    switch (message.at) {
      case "ready":
        isOpen = true;
        ready.resolve();
        break;
      case "failed":
        end(toStorageError(message.fault));
        break;
      case "answers":
        message.answers.forEach(take);
        break;
      default:
        message satisfies never;
    }
    holdProcess();
  });
  worker.on("error", (cause) => {
    end(new StorageError({ reason: "writer-lost", message: "the database writer crashed" }, { cause }));
  });
  worker.on("exit", () => {
    const reason = isClosing ? "closed" : "writer-lost";
    const error = new StorageError({
      reason,
      message: isClosing ? "the database is closed" : "the database writer ended",
    });
    end(error);
    exited.resolve();
    if (isOpen && !isClosing) onLost(ended ?? error);
  });

  function send(call: WorkerCall): void {
    batch.push(call);
    if (batch.length > 1) return;
    worker.ref();
    // After everything that this turn of the event loop has read from sockets, so that it travels together.
    setImmediate(() => {
      const calls = batch;
      batch = [];
      worker.postMessage(calls);
    });
  }

  function enter<Value>(calls: Waiting<Value>, toCall: (id: number) => WorkerCall): Promise<Value> {
    if (ended) return Promise.reject(ended);
    if (isClosing) return Promise.reject(new StorageError({ reason: "closed", message: "the database is closed" }));
    if (waitingCalls() >= maxWaiting) {
      return Promise.reject(
        new StorageError({ reason: "overloaded", message: "the disk does not keep up with the writes" }),
      );
    }
    const id = ++lastId;
    const call = Promise.withResolvers<Value>();
    calls.set(id, call);
    send(toCall(id));
    return call.promise;
  }

  return {
    ready: ready.promise,
    write: (statements) => enter(writes, (id) => ({ id, do: "write", statements })),
    scan: (statement) => enter(scans, (id) => ({ id, do: "scan", statement })),
    close: () => {
      if (!isClosing && !ended) {
        isClosing = true;
        send({ do: "close" });
      }
      return exited.promise;
    },
  };
}
