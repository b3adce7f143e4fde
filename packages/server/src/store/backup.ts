import { renameSync, rmSync, statSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { createPrivateFile, openReader, writerPatienceMs } from "./connections.ts";
import { StorageError } from "./storage-error.ts";

/** All pages in one step: one snapshot that writers neither see nor wait for. */
const allPages = 2 ** 31 - 1;

/**
 * Copies a database with SQLite's own backup while others write to it. Nothing lies at `toPath` before the copy has been
 * found whole; what was there before is replaced.
 */
export async function copyVerified(path: string, toPath: string): Promise<void> {
  if (isSameFile(path, toPath)) throw refusal(`${toPath} is the database itself`);
  const source = openReader(path, writerPatienceMs);
  try {
    await copyTo(source, toPath);
  } finally {
    source.close();
  }
}

/** The same for a connection that is open already. */
export async function copyTo(source: DatabaseSync, toPath: string): Promise<void> {
  const partial = `${toPath}.partial`;
  rmSync(partial, { force: true });
  try {
    createPrivateFile(partial);
    await backup(source, partial, { rate: allPages });
    verify(partial);
    renameSync(partial, toPath);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function verify(path: string): void {
  const copy = new DatabaseSync(path);
  try {
    // One plain file, without a log beside it.
    copy.exec("PRAGMA journal_mode = DELETE");
    const found = copy.prepare("PRAGMA integrity_check").all();
    const [first] = found;
    if (found.length === 1 && first?.["integrity_check"] === "ok") return;
    throw new StorageError({
      reason: "corrupt",
      message: `the copy is damaged: ${String(first?.["integrity_check"])}`,
    });
  } finally {
    copy.close();
  }
}

function isSameFile(path: string, other: string): boolean {
  const [a, b] = [statSync(path), statSync(other, { throwIfNoEntry: false })];
  return b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

const refusal = (message: string) => new StorageError({ reason: "statement", message });
