import type { Migration } from "../store/database.ts";

export const deviceTokensMigrations: readonly Migration[] = [
  {
    id: 17,
    name: "device tokens by what is shown",
    statements: ["CREATE INDEX device_tokens_by_hash ON device_tokens (hash)"],
  },
];
