import type { Migration } from "../store/database.ts";

export const deviceMigrations: readonly Migration[] = [
  {
    id: 12,
    name: "devices, their tokens, and what waits for approval",
    statements: [
      `CREATE TABLE devices (
        device_id TEXT PRIMARY KEY,
        public_key TEXT NOT NULL,
        label TEXT,
        client TEXT NOT NULL,
        role TEXT NOT NULL,
        roles TEXT NOT NULL,
        scopes TEXT NOT NULL,
        agent_ids TEXT NOT NULL,
        approved_via TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        approved_at INTEGER NOT NULL,
        last_seen_at INTEGER,
        last_seen_reason TEXT
      ) STRICT, WITHOUT ROWID`,
      "CREATE INDEX devices_by_approval ON devices (approved_at)",
      `CREATE TABLE device_tokens (
        device_id TEXT NOT NULL,
        role TEXT NOT NULL,
        scopes TEXT NOT NULL,
        salt TEXT NOT NULL,
        hash TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        rotated_at INTEGER,
        revoked_at INTEGER,
        last_used_at INTEGER,
        PRIMARY KEY (device_id, role)
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE device_requests (
        request_id TEXT PRIMARY KEY,
        device_id TEXT NOT NULL UNIQUE,
        public_key TEXT NOT NULL,
        client TEXT NOT NULL,
        role TEXT NOT NULL,
        scopes TEXT NOT NULL,
        is_repair INTEGER NOT NULL,
        address TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE bootstrap_codes (
        hash TEXT PRIMARY KEY,
        setup_id TEXT NOT NULL,
        role TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE paired_nodes (
        node_id TEXT PRIMARY KEY,
        surface TEXT NOT NULL,
        token_hash TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        approved_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE node_requests (
        request_id TEXT PRIMARY KEY,
        node_id TEXT NOT NULL UNIQUE,
        surface TEXT NOT NULL,
        silent INTEGER,
        is_repair INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
    ],
  },
];
