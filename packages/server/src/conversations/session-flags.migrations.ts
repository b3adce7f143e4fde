import type { Migration } from "../store/database.ts";

export const sessionFlagsMigrations: readonly Migration[] = [
  {
    id: 4,
    name: "archived sessions",
    statements: [
      "ALTER TABLE sessions ADD COLUMN archived INTEGER GENERATED ALWAYS AS (coalesce(settings ->> '$.archived', 0)) VIRTUAL",
      // Counts a list without reading its rows.
      "CREATE INDEX sessions_archived ON sessions (archived, agent_id, kind)",
    ],
  },
];
