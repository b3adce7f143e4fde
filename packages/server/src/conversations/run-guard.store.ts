import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import type { ConversationTables } from "./tables.store.ts";

/**
 * What must hold of a run for something to be written in its name: then an answer that comes twice is written once, and
 * nothing is written for a run that has ended.
 */
export type RunGuard = "none" | "run is queued" | "run is open";

/** The guard as a condition of a statement on sessions. */
export function runHolds(
  eb: ExpressionBuilder<ConversationTables, "sessions">,
  guard: Exclude<RunGuard, "none">,
  runId: Expression<string | null>,
): Expression<SqlBool> {
  const open = eb
    .selectFrom("runs")
    .select("runs.id")
    .where("runs.run_id", "=", runId)
    .where("runs.ended_at", "is", null);
  return eb.exists(guard === "run is open" ? open : open.where("runs.state", "=", "queued"));
}
