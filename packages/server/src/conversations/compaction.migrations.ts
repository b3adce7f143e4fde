import type { Migration } from "../store/database.ts";

export const compactionMigrations: readonly Migration[] = [
  {
    id: 10,
    name: "summaries of sessions",
    statements: [
      "ALTER TABLE sessions ADD COLUMN compaction_count INTEGER NOT NULL DEFAULT 0",
      "ALTER TABLE sessions ADD COLUMN summary_seq INTEGER",
      "ALTER TABLE sessions ADD COLUMN context_from INTEGER",
    ],
  },
];
