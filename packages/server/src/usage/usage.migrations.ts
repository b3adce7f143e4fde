import type { Migration } from "../store/database.ts";

export const usageMigrations: readonly Migration[] = [
  {
    id: 3,
    name: "usage by day, agent, model and session",
    statements: [
      `CREATE TABLE usage_daily (
        day TEXT NOT NULL,
        agent_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        session_key TEXT NOT NULL,
        session_id TEXT NOT NULL,
        turns INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        tool_calls INTEGER NOT NULL,
        errors INTEGER NOT NULL,
        input INTEGER NOT NULL,
        output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        total_tokens INTEGER NOT NULL,
        input_cost REAL NOT NULL,
        output_cost REAL NOT NULL,
        cache_read_cost REAL NOT NULL,
        cache_write_cost REAL NOT NULL,
        total_cost REAL NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        PRIMARY KEY (day, agent_id, provider, model, session_key, session_id)
      ) STRICT, WITHOUT ROWID`,
      "CREATE INDEX usage_of_session ON usage_daily (session_key, day)",
    ],
  },
];

export const budgetMigrations: readonly Migration[] = [
  {
    id: 8,
    name: "budgets; model calls without a price",
    statements: [
      "ALTER TABLE usage_daily ADD COLUMN unpriced_calls INTEGER NOT NULL DEFAULT 0",
      `CREATE TABLE budgets (
        key TEXT PRIMARY KEY,
        usd REAL NOT NULL,
        spent_usd REAL NOT NULL
      ) STRICT, WITHOUT ROWID`,
    ],
  },
];
