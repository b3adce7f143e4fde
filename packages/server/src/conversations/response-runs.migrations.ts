import type { Migration } from "../store/database.ts";

/** Answers of the HTTP API are asked for by their run; the index holds the messages of such runs only. */
export const responseRunsMigrations: readonly Migration[] = [
  {
    id: 18,
    name: "messages of runs whose answer can be asked for",
    statements: ["CREATE INDEX messages_of_run ON messages (run_id, seq) WHERE run_id >= 'resp_' AND run_id < 'resp`'"],
  },
];
