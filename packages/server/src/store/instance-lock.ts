import { readFile, truncate } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { errorCode } from "../platform/error-code.ts";
import { createPrivateFile, makePrivateFolder, writePrivateFile } from "../platform/private-file.ts";

/** Who holds a state folder, as far as is known. */
export type LockHolder = { pid?: number; startedAt?: string; url?: string };

/** A second gateway on the same state folder. */
export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError";
  readonly holder: LockHolder;
  constructor(stateDir: string, holder: LockHolder) {
    const who = holder.pid === undefined ? "another gateway" : `a gateway with process id ${holder.pid}`;
    const where = holder.url === undefined ? "" : ` at ${holder.url}`;
    const since = holder.startedAt === undefined ? "" : `, started ${holder.startedAt}`;
    super(`${who} holds ${stateDir}${where}${since}`);
    this.holder = holder;
  }
}

export interface InstanceLock {
  /** Tells a second start where this gateway listens. */
  announce(url: string): Promise<void>;
  release(): void;
}

/** Locks in force. A connection that nothing refers to is collected, and the lock goes with it. */
const inForce = new Set<DatabaseSync>();

/**
 * Takes a state folder for this process. The lock is one of the operating system on a file that is never deleted (SQLite
 * holds it for us, as Node has no call of its own), so it is gone with the process, however that ends. Fails at once.
 */
export async function acquireInstanceLock(stateDir: string, lockPath: string): Promise<InstanceLock> {
  await makePrivateFolder(stateDir);
  const holderPath = `${lockPath}.json`;
  await createEmptyLockFile(lockPath);
  const lock = await takeLock(lockPath, async () => new AlreadyRunningError(stateDir, await readHolder(holderPath)));
  const self: LockHolder = { pid: process.pid, startedAt: new Date().toISOString() };
  try {
    await writePrivateFile(holderPath, JSON.stringify(self));
  } catch (error) {
    lock.close();
    throw error;
  }
  inForce.add(lock);
  return {
    announce: (url) => writePrivateFile(holderPath, JSON.stringify({ ...self, url })),
    release: () => {
      if (inForce.delete(lock)) lock.close();
    },
  };
}

/** Private from its first moment, so before SQLite opens it. An existing one is not opened: closing it would drop a lock. */
async function createEmptyLockFile(path: string): Promise<void> {
  try {
    await createPrivateFile(path, "");
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

async function takeLock(path: string, refusal: () => Promise<AlreadyRunningError>): Promise<DatabaseSync> {
  for (let isRepaired = false; ; isRepaired = true) {
    const lock = new DatabaseSync(path, { timeout: 0 });
    try {
      lock.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return lock;
    } catch (error) {
      lock.close();
      const code = sqliteCode(error);
      if (code === sqliteBusy) throw await refusal();
      if (code !== sqliteNotADatabase || isRepaired) throw error;
      // Another program left something under this name. Whoever holds our lock has an empty file, so nobody does.
      await truncate(path);
    }
  }
}

const sqliteBusy = 5;
const sqliteNotADatabase = 26;

const sqliteCode = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, "errcode") : undefined);

/** What the holder wrote about itself. Between its taking the lock and writing, the note is of one that is gone. */
async function readHolder(path: string): Promise<LockHolder> {
  try {
    const note: unknown = JSON.parse(await readFile(path, "utf8"));
    const text = (name: string): string | undefined => {
      const value: unknown = typeof note === "object" && note !== null ? Reflect.get(note, name) : undefined;
      return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
    };
    const [pid, startedAt, url] = [Number(text("pid")), text("startedAt"), text("url")];
    if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return {};
    return { pid, ...(startedAt !== undefined && { startedAt }), ...(url !== undefined && { url }) };
  } catch {
    return {};
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
