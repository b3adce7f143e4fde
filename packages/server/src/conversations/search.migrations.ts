import type { Migration } from "../store/database.ts";

/** What somebody said in a message; results of tools are not searched. */
const textOf = (message: string): string => `(
  SELECT group_concat(part.value ->> '$.text', char(10)) FROM json_each(${message}, '$.content') AS part
  WHERE part.value ->> '$.type' = 'text'
)`;
const isSpoken = (message: string): string => `${message} ->> '$.role' IN ('user', 'assistant')`;

export const searchMigrations: readonly Migration[] = [
  {
    id: 6,
    name: "words of transcripts",
    statements: [
      // The words alone: the text stays in the messages, found by their row id.
      `CREATE VIRTUAL TABLE message_words USING fts5(
        text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2"
      )`,
      `INSERT INTO message_words (rowid, text)
        SELECT rowid, ${textOf("message")} FROM messages WHERE ${isSpoken("message")}`,
      // Part of the same commit as the message itself.
      `CREATE TRIGGER messages_said AFTER INSERT ON messages WHEN ${isSpoken("new.message")} BEGIN
        INSERT INTO message_words (rowid, text) VALUES (new.rowid, ${textOf("new.message")});
      END`,
      `CREATE TRIGGER messages_forgotten AFTER DELETE ON messages WHEN ${isSpoken("old.message")} BEGIN
        DELETE FROM message_words WHERE rowid = old.rowid;
      END`,
    ],
  },
];
