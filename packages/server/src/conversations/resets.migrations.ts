import type { Migration } from "../store/database.ts";

export const resetsMigrations: readonly Migration[] = [
  {
    id: 13,
    name: "sessions that begin anew, and what was before",
    statements: [
      "ALTER TABLE sessions ADD COLUMN session_started_at INTEGER",
      "ALTER TABLE sessions ADD COLUMN last_interaction_at INTEGER",
      `CREATE TABLE past_sessions (
        session_id TEXT PRIMARY KEY,
        key TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL
      ) STRICT`,
      "CREATE INDEX past_sessions_of_key ON past_sessions (key, ended_at)",
    ],
  },
];
