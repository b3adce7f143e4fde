import type { DatabaseSync } from "node:sqlite";
import { openReader } from "./connections.ts";
import type { Database, Migration } from "./database.ts";
import { bind, createPreparedStatements } from "./prepared-statements.ts";
import { StorageError, toStorageError, toStorageFault } from "./storage-error.ts";
import { createWorkerLink } from "./worker-link.ts";
import { createWriter, type DatabaseState } from "./writer.ts";

export type SqliteOptions = {
  path: string;
  migrations: readonly Migration[];
  /** Where the worker's code lies, when not beside this file. */
  workerUrl?: URL;
  /** Hears what becomes of an open database: a writer that died and came back, damage, a writer lost for good. */
  onState?: (state: DatabaseState) => void;
  /** Pauses before the attempts to start a dead writer again. */
  restartDelaysMs?: readonly number[];
};

/**
 * Opens a database file. A worker thread owns the only connection that writes and commits in groups, and is started
 * again when it dies; short reads are answered on this thread by a connection of its own.
 */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  const { path, migrations, workerUrl = workerBesideThisFile(), onState = () => {}, restartDelaysMs } = options;
  const link = createWriter(
    (events) => createWorkerLink(workerUrl, { task: "serve", path, migrations }, events),
    onState,
    restartDelaysMs,
  );
  await link.ready;
  const reader = openReader(path);
  const reading = createPreparedStatements(reader);
  let closing: Promise<void> | undefined;

  return {
    write: async (statements) => link.write(statements.map(bind)),
    read: async <Row>(statement: Parameters<Database["read"]>[0]) => {
      const bound = bind(statement);
      try {
        return rowsOf<Row>(reading.rows(bound));
      } catch (error) {
        if (!reader.isOpen) throw new StorageError({ reason: "closed", message: "the database is closed" });
        const fault = toStorageFault(error);
        // Only the worker may wait for whoever holds the file.
        if (fault.reason === "busy") return rowsOf<Row>(await link.scan(bound));
        throw toStorageError(fault);
      }
    },
    scan: async <Row>(statement: Parameters<Database["scan"]>[0]) => rowsOf<Row>(await link.scan(bind(statement))),
    backup: async (toPath) => {
      const copier = createWorkerLink(workerUrl, { task: "backup", path, toPath }, unheard);
      await copier.ready;
    },
    close: () => (closing ??= closeAll(reader, link)),
  };
}

/** A copy ends with its worker; what goes wrong is its answer. */
const unheard = { onDamage: () => {}, onLost: () => {} };

/** The reader goes first: whoever closes last empties the log and takes it away. */
async function closeAll(reader: DatabaseSync, link: { close(): Promise<void> }): Promise<void> {
  reader.close();
  await link.close();
}

/** The caller knows what its statement selects. */
const rowsOf = <Row>(rows: unknown[]): Row[] => rows as Row[];

/** In the sources and in a bundle alike, the worker lies beside this file under the same kind of name. */
function workerBesideThisFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./sqlite-worker.${extension}`, import.meta.url);
}
