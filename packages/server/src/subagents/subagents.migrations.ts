import type { Migration } from "../store/database.ts";

export const subagentMigrations: readonly Migration[] = [
  {
    id: 7,
    name: "sub-agents that are to be reported",
    statements: [
      `CREATE TABLE subagents (
        run_id TEXT PRIMARY KEY,
        child_key TEXT NOT NULL,
        parent_key TEXT NOT NULL,
        cleanup TEXT NOT NULL,
        report_as TEXT NOT NULL,
        reported INTEGER NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
      "CREATE INDEX subagents_of_parent ON subagents (parent_key, reported)",
      "CREATE INDEX subagents_of_child ON subagents (child_key)",
      // Why a run was stopped: by whom, or by which limit.
      "ALTER TABLE runs ADD COLUMN stop_reason TEXT",
    ],
  },
];
