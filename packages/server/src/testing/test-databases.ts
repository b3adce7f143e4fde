import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database, Migration } from "../store/database.ts";
import { openMemory } from "../store/memory.ts";
import { openSqlite } from "../store/sqlite.ts";

export type TestDatabase = Database & AsyncDisposable;

/** A folder that goes away with the test. */
export async function createTempFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "gateway-store-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A database on disk in a folder of its own. */
export async function openTestSqlite(migrations: readonly Migration[]): Promise<TestDatabase> {
  const folder = await createTempFolder();
  const db = await openSqlite({ path: join(folder.path, "gateway.db"), migrations });
  return {
    ...db,
    [Symbol.asyncDispose]: async () => {
      await db.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export async function openTestMemory(migrations: readonly Migration[]): Promise<TestDatabase> {
  const db = openMemory(migrations);
  return { ...db, [Symbol.asyncDispose]: () => db.close() };
}
