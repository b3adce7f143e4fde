import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Statement, WriteResult } from "./database.ts";
import { StorageError } from "./storage-error.ts";

/** Statements kept compiled per connection; the least recently used one goes first. */
const maxStatements = 200;

/** A statement whose values SQLite can hold and threads can pass on. */
export type BoundStatement = { sql: string; values: readonly SQLInputValue[] };

type Row = Record<string, unknown>;
type Prepared = { statement: StatementSync; returnsRows: boolean; isQuery: boolean };

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
      prepared = { statement, returnsRows: statement.columns().length > 0, isQuery: /^\s*select\b/i.test(sql) };
      const oldest = known.size >= maxStatements ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    }
    known.set(sql, prepared);
    return prepared;
  }

  return {
    rows: ({ sql, values }) => prepare(sql).statement.all(...values),
    run: ({ sql, values }) => {
      const { statement, returnsRows, isQuery } = prepare(sql);
      if (!returnsRows) return { rows: [], changes: Number(statement.run(...values).changes) };
      const rows = statement.all(...values);
      // `returning` gives one row for each row changed.
      return { rows, changes: isQuery ? 0 : rows.length };
    },
  };
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
      throw new StorageError({ reason: "statement", message: `the database cannot hold a value of type ${typeof value}` });
  }
}
