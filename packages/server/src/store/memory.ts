import { DatabaseSync } from "node:sqlite";
import { copyTo } from "./backup.ts";
import { commitGroup } from "./commit-group.ts";
import type { Database, Migration, WriteResult } from "./database.ts";
import { migrate } from "./migrate.ts";
import { bind, type BoundStatement, createPreparedStatements } from "./prepared-statements.ts";
import { StorageError, toStorageError, toStorageFault } from "./storage-error.ts";

type WaitingWrite = { statements: readonly BoundStatement[]; promise: PromiseWithResolvers<readonly WriteResult[]> };

/** The same database without a file: nothing outlives it. Calls made in the same moment share a commit here too. */
export function openMemory(migrations: readonly Migration[]): Database {
  const connection = new DatabaseSync(":memory:");
  migrate(connection, migrations);
  const prepared = createPreparedStatements(connection);
  let group: WaitingWrite[] = [];

  function commit(): void {
    const writes = group;
    group = [];
    if (writes.length === 0) return;
    const outcomes = commitGroup(
      connection,
      prepared,
      writes.map(({ statements }) => statements),
    );
    for (const [index, { promise }] of writes.entries()) {
      const outcome = outcomes[index]!;
      if (outcome.ok) promise.resolve(outcome.value);
      else promise.reject(toStorageError(outcome.fault));
    }
  }

  function checkOpen(): void {
    if (!connection.isOpen) throw new StorageError({ reason: "closed", message: "the database is closed" });
  }

  async function read<Row>(statement: Parameters<Database["read"]>[0]): Promise<Row[]> {
    checkOpen();
    try {
      const rows: unknown[] = prepared.rows(bind(statement));
      return rows as Row[];
    } catch (error) {
      throw toStorageError(toStorageFault(error));
    }
  }

  return {
    write: async (statements) => {
      checkOpen();
      const promise = Promise.withResolvers<readonly WriteResult[]>();
      group.push({ statements: statements.map(bind), promise });
      if (group.length === 1) queueMicrotask(commit);
      return promise.promise;
    },
    read,
    scan: read,
    backup: async (toPath) => {
      checkOpen();
      await copyTo(connection, toPath);
    },
    close: async () => {
      if (!connection.isOpen) return;
      commit();
      connection.close();
    },
  };
}
