import type { DatabaseSync } from "node:sqlite";
import type { WriteResult } from "./database.ts";
import type { BoundStatement, PreparedStatements } from "./prepared-statements.ts";
import { type StorageFault, type StorageReason, toStorageFault } from "./storage-error.ts";

/** What became of a call, in a form that crosses threads. */
export type Outcome<Value> = { ok: true; value: Value } | { ok: false; fault: StorageFault };
export type WriteOutcome = Outcome<readonly WriteResult[]>;

/** Mistakes of one call. Anything else (no space, damage, a lost disk) concerns the whole group. */
const ownFaults: ReadonlySet<StorageReason> = new Set(["constraint", "statement"]);

/**
 * Commits calls that came together as one transaction. Each call is all or none for itself: one that fails is undone and
 * the others commit. When the commit fails, all of them have failed.
 */
export function commitGroup(
  connection: DatabaseSync,
  statements: PreparedStatements,
  calls: readonly (readonly BoundStatement[])[],
): WriteOutcome[] {
  try {
    connection.exec("BEGIN IMMEDIATE");
    const outcomes = calls.map((call) => runCall(connection, statements, call));
    connection.exec("COMMIT");
    return outcomes;
  } catch (error) {
    // SQLite may have given up the transaction by itself.
    if (connection.isTransaction) connection.exec("ROLLBACK");
    const fault = toStorageFault(error);
    return calls.map(() => ({ ok: false, fault }));
  }
}

function runCall(
  connection: DatabaseSync,
  statements: PreparedStatements,
  call: readonly BoundStatement[],
): WriteOutcome {
  connection.exec("SAVEPOINT one_call");
  try {
    const value = call.map((statement) => statements.run(statement));
    connection.exec("RELEASE one_call");
    return { ok: true, value };
  } catch (error) {
    const fault = toStorageFault(error);
    if (!ownFaults.has(fault.reason) || !connection.isTransaction) throw error;
    connection.exec("ROLLBACK TO one_call");
    connection.exec("RELEASE one_call");
    return { ok: false, fault };
  }
}
