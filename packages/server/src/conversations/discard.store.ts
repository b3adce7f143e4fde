import { type RawBuilder, sql } from "kysely";
import type { Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { ConversationTables } from "./tables.store.ts";

/** Messages that one commit takes away. With its words in the search index each costs about 15 µs, and nobody else writes meanwhile. */
const messagesPerSlice = 500;

const query = createQuery<ConversationTables & { discarded_transcripts: { session_id: string } }>();

/** A transcript with what compaction put aside (`<session id>.bak.<time>`). */
const isOf = (sessionId: RawBuilder<unknown>) =>
  sql<boolean>`(session_id = ${sessionId} or (session_id > ${sessionId} || '.bak.' and session_id < ${sessionId} || '.bak/'))`;
const currentOf = (key: RawBuilder<string>) => sql`(select sessions.session_id from sessions where key = ${key})`;

const slice = (sessionId: RawBuilder<unknown>) =>
  query
    .deleteFrom("messages")
    .where(
      sql<boolean>`rowid in (select rowid from messages where ${isOf(sessionId)} limit ${sql.lit(messagesPerSlice)})`,
    );
const unlessLeft = (sessionId: RawBuilder<unknown>) =>
  query
    .deleteFrom("discarded_transcripts")
    .where(sql<boolean>`session_id = ${sessionId}`)
    .where(sql<boolean>`not exists (select 1 from messages where ${isOf(sessionId)})`);

const mark = prepared<{ key: string }>((param) =>
  query
    .insertInto("discarded_transcripts")
    .columns(["session_id"])
    .expression(query.selectFrom("sessions").select("session_id").where("key", "=", param("key")))
    .onConflict((conflict) => conflict.column("session_id").doNothing()),
);
const firstSlice = prepared<{ key: string }>((param) => slice(currentOf(param("key"))));
const unmarkCurrent = prepared<{ key: string }>((param) => unlessLeft(currentOf(param("key"))));

// Transcripts that resets have left go with the session.
const markPast = prepared<{ key: string }>((param) =>
  query
    .insertInto("discarded_transcripts")
    .columns(["session_id"])
    .expression(query.selectFrom("past_sessions").select("session_id").where("key", "=", param("key")))
    .onConflict((conflict) => conflict.column("session_id").doNothing()),
);
const firstSliceOfPast = prepared<{ key: string }>((param) =>
  query.deleteFrom("messages").where(
    sql<boolean>`rowid in (
      select messages.rowid from past_sessions as past join messages on messages.session_id = past.session_id
        or (messages.session_id > past.session_id || '.bak.' and messages.session_id < past.session_id || '.bak/')
      where past.key = ${param("key")} limit ${sql.lit(messagesPerSlice)}
    )`,
  ),
);
const unmarkPast = prepared<{ key: string }>((param) =>
  query.deleteFrom("discarded_transcripts").where(
    sql<boolean>`session_id in (select session_id from past_sessions where key = ${param("key")}) and not exists (
      select 1 from messages where messages.session_id = discarded_transcripts.session_id
        or (messages.session_id > discarded_transcripts.session_id || '.bak.'
          and messages.session_id < discarded_transcripts.session_id || '.bak/')
    )`,
  ),
);

/**
 * Gives up the transcripts of a session, in the commit that takes the session away: nobody reads them from then on.
 * Short ones are gone with that; the rest of long ones is taken away in slices of their own.
 */
export const discardTranscript = (key: string): Statement[] => [
  mark({ key }),
  markPast({ key }),
  firstSlice({ key }),
  firstSliceOfPast({ key }),
  unmarkCurrent({ key }),
  unmarkPast({ key }),
];

const sliceOf = prepared<{ sessionId: string }>((param) => slice(param("sessionId")));
const unmark = prepared<{ sessionId: string }>((param) => unlessLeft(param("sessionId")));
export const nextSlice = (sessionId: string): Statement[] => [sliceOf({ sessionId }), unmark({ sessionId })];

export const discarded = prepared<object>(() =>
  query.selectFrom("discarded_transcripts").select("session_id").limit(1),
);
export const discardedById = prepared<{ sessionId: string }>((param) =>
  query.selectFrom("discarded_transcripts").select("session_id").where("session_id", "=", param("sessionId")),
);
