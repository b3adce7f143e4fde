import type { Database } from "./database.ts";

/** A database that is still opening: calls wait for it, so the port can listen first. */
export function createDeferredDatabase(opening: Promise<Database>): Database {
  return {
    write: async (statements) => (await opening).write(statements),
    read: async (statement) => (await opening).read(statement),
    scan: async (statement) => (await opening).scan(statement),
    backup: async (toPath) => (await opening).backup(toPath),
    close: async () => (await opening).close(),
  };
}
