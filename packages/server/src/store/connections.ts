import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Migration } from "./database.ts";
import { migrate, refuseNewerSchema } from "./migrate.ts";

/** How long the writer waits for somebody outside the process to let go of the file. */
export const writerPatienceMs = 5_000;
/** The write-ahead log is cut back to this after a burst, in bytes. */
const maxIdleLogBytes = 64 * 1024 * 1024;

/** The one connection that writes. Creates file and folder for their owner alone, and brings the schema up to date. */
export function openWriter(path: string, migrations: readonly Migration[]): DatabaseSync {
  createPrivateFile(path);
  const connection = new DatabaseSync(path, { timeout: writerPatienceMs });
  try {
    refuseNewerSchema(connection, migrations);
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = FULL");
    connection.exec("PRAGMA foreign_keys = ON");
    connection.exec(`PRAGMA journal_size_limit = ${maxIdleLogBytes}`);
    migrate(connection, migrations);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A connection that only reads. On the I/O thread it never waits for anybody. */
export function openReader(path: string, patienceMs = 0): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: patienceMs });
}

/**
 * SQLite gives its log files the mode of the database, so the empty file is made first, before SQLite has it: opening and
 * closing the file later would drop the locks this process holds.
 */
export function createPrivateFile(path: string): void {
  const folder = dirname(path);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    chmodSync(path, 0o600);
    return;
  }
  fchmodSync(file, 0o600);
  closeSync(file);
}
