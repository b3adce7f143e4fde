import type { Migration } from "../store/database.ts";

export const discardMigrations: readonly Migration[] = [
  {
    id: 16,
    name: "transcripts that are being deleted",
    statements: ["CREATE TABLE discarded_transcripts (session_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"],
  },
];
