import type { Database } from "../store/database.ts";
import { createCounter, createHistogram, type Instrument, requestSeconds } from "./instruments.ts";

/** Times what is written, from the call until it is on disk. */
export function createDatabaseMetrics(): { measured(db: Database): Database; instruments: readonly Instrument[] } {
  const writes = createCounter({
    name: "openclaw_database_writes_total",
    help: "Transactions written, by outcome.",
    labels: ["outcome"],
  });
  const statements = createCounter({
    name: "openclaw_database_statements_total",
    help: "Statements of all transactions.",
    labels: [],
  });
  const seconds = createHistogram(
    {
      name: "openclaw_database_write_duration_seconds",
      help: "Time from a write to its place on disk, with the wait for the writer.",
      labels: [],
    },
    requestSeconds,
  );
  return {
    measured: (db) => ({
      ...db,
      write: (batch) => {
        const begunMs = performance.now();
        statements.add([], batch.length);
        const written = db.write(batch);
        const settle = (outcome: string): void => {
          writes.add([outcome]);
          seconds.observe([], (performance.now() - begunMs) / 1_000);
        };
        written.then(
          () => settle("ok"),
          () => settle("error"),
        );
        return written;
      },
    }),
    instruments: [writes, statements, seconds],
  };
}
