import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";

/** Money that a session and those it started may spend, by the key of that session. */
export interface BudgetStore {
  open(key: string, usd: number): Promise<void>;
  budget(key: string): Promise<{ usd: number; spentUsd: number } | undefined>;
}

type Tables = {
  budgets: { key: string; usd: number; spent_usd: number };
  runs: { run_id: string; ended_at: number | null };
};
const query = createQuery<Tables>();

const insertBudget = prepared<{ key: string; usd: number }>((param) =>
  query
    .insertInto("budgets")
    .values({ key: param("key"), usd: param("usd"), spent_usd: 0 })
    .onConflict((conflict) => conflict.column("key").doNothing()),
);

const budgetByKey = prepared<{ key: string }>((param) =>
  query.selectFrom("budgets").select(["usd", "spent_usd"]).where("key", "=", param("key")),
);

/** Part of the commit that writes the usage itself, and like it only as long as the run is open. */
export const spendFrom = prepared<{ key: string; cost: number; runId: string | null }>((param) =>
  query
    .updateTable("budgets")
    .set({ spent_usd: sql<number>`spent_usd + ${param("cost")}` })
    .where("key", "=", param("key"))
    .where(({ or, exists, selectFrom }) =>
      or([
        sql<boolean>`${param("runId")} is null`,
        exists(selectFrom("runs").select("run_id").where("run_id", "=", param("runId")).where("ended_at", "is", null)),
      ]),
    ),
);

export function createBudgetStore(db: Database): BudgetStore {
  return {
    open: async (key, usd) => {
      await db.write([insertBudget({ key, usd })]);
    },
    budget: async (key) => {
      const [row] = await db.read<{ usd: number; spent_usd: number }>(budgetByKey({ key }));
      return row && { usd: row.usd, spentUsd: row.spent_usd };
    },
  };
}
