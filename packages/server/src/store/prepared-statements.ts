import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Statement, WriteResult } from "./database.ts";
import { StorageError } from "./storage-error.ts";

/** Statements kept compiled per connection; the least recently used one goes first. */
const maxStatements = 200;

/** A statement whose values SQLite can hold and threads can pass on. */
export type BoundStatement = { sql: string; values: readonly SQLInputValue[] };

type Row = Record<string, unknown>;
type Prepared = { statement: StatementSync; columns: readonly string[]; isQuery: boolean };

/** The statements of one connection, compiled once and run often. */
export interface PreparedStatements {
  /** Rows of a query. */
  rows(statement: BoundStatement): Row[];
  run(statement: BoundStatement): WriteResult;
}

export function createPreparedStatements(connection: DatabaseSync): PreparedStatements {
  const known = new Map<string, Prepared>();

  function prepare(sql: string): Prepared {
    let prepared = known.get(sql);
    if (prepared) {
      known.delete(sql);
    } else {
      const statement = connection.prepare(sql);
      // Rows as arrays cost half as much as the objects that SQLite makes by itself.
      statement.setReturnArrays(true);
      const columns = statement.columns().map(({ name }) => name);
      prepared = { statement, columns, isQuery: /^\s*select\b/i.test(sql) };
      const oldest = known.size >= maxStatements ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    }
    known.set(sql, prepared);
    return prepared;
  }

  function all({ statement, columns }: Prepared, values: readonly SQLInputValue[]): Row[] {
    const rows: unknown[] = statement.all(...values);
    return rows.map((row) => toRow(columns, row));
  }

  return {
    rows: ({ sql, values }) => all(prepare(sql), values),
    run: ({ sql, values }) => {
      const prepared = prepare(sql);
      if (prepared.columns.length === 0)
        return { rows: [], changes: Number(prepared.statement.run(...values).changes) };
      const rows = all(prepared, values);
      // `returning` gives one row for each row changed.
      return { rows, changes: prepared.isQuery ? 0 : rows.length };
    },
  };
}

function toRow(columns: readonly string[], values: unknown): Row {
  const row: Row = {};
  if (!Array.isArray(values)) return row;
  for (let index = 0; index < columns.length; index++) row[columns[index]!] = values[index];
  return row;
}

/** Throws for values that SQLite cannot hold, before they reach another thread. */
export function bind({ sql, parameters }: Statement): BoundStatement {
  return { sql, values: parameters.map(toSqlValue) };
}

function toSqlValue(value: unknown): SQLInputValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
      return value;
    case "boolean":
      return value ? 1 : 0;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new StorageError({
        reason: "statement",
        message: `the database cannot hold a value of type ${typeof value}`,
      });
  }
}
