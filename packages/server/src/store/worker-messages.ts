import type { Outcome } from "./commit-group.ts";
import type { Migration, WriteResult } from "./database.ts";
import type { BoundStatement } from "./prepared-statements.ts";
import type { StorageFault } from "./storage-error.ts";

/** What a worker is started for. */
export type WorkerTask =
  | { task: "serve"; path: string; migrations: readonly Migration[] }
  /** One verified copy, in a thread of its own so that commits go on. */
  | { task: "backup"; path: string; toPath: string };

/** Calls travel in batches, both ways. Ids are the caller's. */
export type WorkerCall =
  | { id: number; do: "write"; statements: readonly BoundStatement[] }
  | { id: number; do: "scan"; statement: BoundStatement }
  /** The last call: the worker ends after it. */
  | { do: "close" };

export type WorkerAnswer =
  | { id: number; to: "write"; outcome: Outcome<readonly WriteResult[]> }
  | { id: number; to: "scan"; outcome: Outcome<Record<string, unknown>[]> };

export type WorkerMessage =
  | { at: "ready" }
  | { at: "failed"; fault: StorageFault }
  | { at: "answers"; answers: readonly WorkerAnswer[] };
