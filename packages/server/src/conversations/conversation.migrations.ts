import type { Migration } from "../store/database.ts";

export const conversationMigrations: readonly Migration[] = [
  {
    id: 1,
    name: "sessions, messages, runs",
    statements: [
      `CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        agent_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        session_id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        label TEXT,
        derived_title TEXT,
        label_folded TEXT,
        title_folded TEXT,
        last_message_preview TEXT,
        message_count INTEGER NOT NULL DEFAULT 0,
        settings TEXT NOT NULL,
        spawned_by TEXT GENERATED ALWAYS AS (settings ->> '$.spawnedBy') VIRTUAL,
        system_sent INTEGER NOT NULL DEFAULT 0,
        aborted_last_run INTEGER NOT NULL DEFAULT 0,
        input_tokens INTEGER,
        output_tokens INTEGER,
        total_tokens INTEGER,
        model_provider TEXT,
        model TEXT
      ) STRICT`,
      "CREATE UNIQUE INDEX sessions_label ON sessions (label) WHERE label IS NOT NULL",
      "CREATE INDEX sessions_recent ON sessions (updated_at, key)",
      "CREATE INDEX sessions_recent_of_agent ON sessions (agent_id, updated_at, key)",
      "CREATE INDEX sessions_spawned_by ON sessions (spawned_by, updated_at, key) WHERE spawned_by IS NOT NULL",
      `CREATE TABLE messages (
        session_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        run_id TEXT,
        message TEXT NOT NULL
      ) STRICT`,
      "CREATE UNIQUE INDEX messages_position ON messages (session_id, seq)",
      `CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        session_key TEXT NOT NULL,
        session_id TEXT,
        requested_key TEXT NOT NULL,
        agent_id TEXT NOT NULL,
        state TEXT NOT NULL,
        input TEXT NOT NULL,
        queued_at INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        error TEXT
      ) STRICT`,
      "CREATE INDEX runs_open ON runs (queued_at, id) WHERE ended_at IS NULL",
      "CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL",
      "CREATE INDEX runs_of_session ON runs (session_key)",
    ],
  },
];
