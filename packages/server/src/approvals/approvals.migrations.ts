import type { Migration } from "../store/database.ts";

export const approvalsMigrations: readonly Migration[] = [
  {
    id: 11,
    name: "approvals of commands",
    statements: [
      `CREATE TABLE approvals (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        state TEXT NOT NULL,
        request TEXT NOT NULL,
        requested_by TEXT NOT NULL,
        plan_hash TEXT,
        grantable TEXT,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        decision TEXT,
        resolved_by TEXT,
        resolver TEXT,
        resolved_at INTEGER,
        used_at INTEGER
      ) STRICT`,
      // A client may use an id again, but never while it waits.
      "CREATE UNIQUE INDEX approvals_pending ON approvals (id) WHERE state = 'pending'",
      "CREATE INDEX approvals_by_id ON approvals (id, seq)",
      "CREATE INDEX approvals_ended ON approvals (seq) WHERE state <> 'pending'",
    ],
  },
];
