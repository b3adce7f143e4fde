import type { Migration } from "../store/database.ts";

/** Large outputs of tools, once for each transcript, cut so that a range costs what it is and not what the whole is. */
export const outputsMigrations: readonly Migration[] = [
  {
    id: 15,
    name: "outputs of tools",
    statements: [
      `CREATE TABLE tool_outputs (
        session_id TEXT NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (session_id, id)
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE tool_output_chunks (
        session_id TEXT NOT NULL,
        id TEXT NOT NULL,
        start INTEGER NOT NULL,
        data BLOB NOT NULL
      ) STRICT`,
      "CREATE UNIQUE INDEX tool_output_place ON tool_output_chunks (session_id, id, start)",
    ],
  },
];
