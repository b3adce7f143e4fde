import { sql } from "kysely";
import type { Statement } from "../store/database.ts";
import { createQuery } from "../store/query.ts";
import type { TranscriptSearch } from "./conversation-store.ts";
import type { ConversationTables, MessageRecord } from "./tables.store.ts";

const query = createQuery<ConversationTables>();

export type FoundRecord = MessageRecord & { key: string; agent_id: string; session_id: string; score: number };

/** Messages that hold every word, the last one as the beginning of a word; the best match first. */
export function searchTranscripts({ words, limit, agentId, keys }: TranscriptSearch): Statement {
  let found = query
    .selectFrom("messages")
    .innerJoin("sessions", "sessions.session_id", "messages.session_id")
    .innerJoin(sql<{ rowid: number; rank: number }>`message_words`.as("found"), (join) =>
      join.on(sql<boolean>`found.rowid = messages.rowid`),
    )
    .select([
      "sessions.key",
      "sessions.agent_id",
      "messages.session_id",
      "messages.id",
      "messages.seq",
      "messages.run_id",
      "messages.message",
      // The engine ranks the best lowest.
      sql<number>`-found.rank`.as("score"),
    ])
    .where(sql<boolean>`message_words match ${matching(words)}`);
  if (agentId !== undefined) found = found.where("sessions.agent_id", "=", agentId);
  if (keys) found = found.where("sessions.key", "in", keys);
  return found
    .orderBy(sql`found.rank`)
    .limit(limit)
    .compile();
}

const matching = (words: readonly string[]): string =>
  `${words.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ")} *`;
