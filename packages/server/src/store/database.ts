/** A statement with its bound values, as Kysely compiles it. */
export type Statement = { readonly sql: string; readonly parameters: readonly unknown[] };

export type WriteResult = { rows: readonly Record<string, unknown>[]; changes: number };

/**
 * The engine below the stores. Every call is asynchronous, so that another engine can take its place; only `*.store.ts`
 * files use it.
 */
export interface Database {
  /**
   * Runs the statements as one transaction: all or none. Resolves when they are on disk. Calls made in the same moment
   * share a commit; a failing one does not harm the others.
   */
  write(statements: readonly Statement[]): Promise<readonly WriteResult[]>;
  /** An indexed read of a few rows. Sees every write whose promise has resolved. */
  read<Row>(statement: Statement): Promise<Row[]>;
  /** A read that may take longer than a millisecond; it does not hold up the I/O thread. */
  scan<Row>(statement: Statement): Promise<Row[]>;
  /** A verified copy made with the engine's own backup. */
  backup(toPath: string): Promise<void>;
  close(): Promise<void>;
}

/** One numbered step of the schema; forward only. */
export type Migration = { id: number; name: string; statements: readonly string[] };
