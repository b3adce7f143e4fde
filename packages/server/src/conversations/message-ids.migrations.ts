import type { Migration } from "../store/database.ts";

/** Pages and links name messages by their ids, which stay when compaction moves positions. */
export const messageIdsMigrations: readonly Migration[] = [
  { id: 14, name: "messages by id", statements: ["CREATE INDEX messages_id ON messages (session_id, id)"] },
];
