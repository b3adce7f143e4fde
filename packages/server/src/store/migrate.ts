import type { DatabaseSync } from "node:sqlite";
import type { Migration } from "./database.ts";
import { NewerSchemaError } from "./storage-error.ts";

/** The id of the last migration a database has seen; 0 for an empty one. */
export function schemaVersion(connection: DatabaseSync): number {
  return Number(connection.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

/** Refuses a database that a newer program has written, before anything is changed in it. */
export function refuseNewerSchema(connection: DatabaseSync, migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.id ?? 0;
  const version = schemaVersion(connection);
  if (version <= newest) return;
  const message = `the database has schema ${version}, this program knows up to ${newest}: start the version that wrote it, or a newer one`;
  throw new NewerSchemaError({ reason: "newer-schema", message });
}

/** Brings an older or empty schema up to date, one transaction for each step. */
export function migrate(connection: DatabaseSync, migrations: readonly Migration[]): void {
  const version = schemaVersion(connection);
  for (const { id, statements } of migrations) {
    if (id <= version) continue;
    connection.exec("BEGIN IMMEDIATE");
    try {
      for (const statement of statements) connection.exec(statement);
      connection.exec(`PRAGMA user_version = ${id}`);
      connection.exec("COMMIT");
    } catch (error) {
      if (connection.isTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  }
}
