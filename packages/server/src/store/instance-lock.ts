import { readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { makePrivateFolder, writePrivateFile } from "../platform/private-file.ts";

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

/**
 * Takes a state folder for this process. The lock is one of the operating system on a file that is never deleted (SQLite
 * holds it for us, as Node has no call of its own), so it is gone with the process, however that ends. Fails at once.
 */
export async function acquireInstanceLock(stateDir: string, lockPath: string): Promise<InstanceLock> {
  await makePrivateFolder(stateDir);
  const holderPath = `${lockPath}.json`;
  // Made before SQLite opens it, so that it is private from the first moment; an existing one is not touched.
  await writeFile(lockPath, "", { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) throw new AlreadyRunningError(stateDir, await readHolder(holderPath));
    throw error;
  }
  const self: LockHolder = { pid: process.pid, startedAt: new Date().toISOString() };
  await writePrivateFile(holderPath, JSON.stringify(self));
  return {
    announce: (url) => writePrivateFile(holderPath, JSON.stringify({ ...self, url })),
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}

async function readHolder(path: string): Promise<LockHolder> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
