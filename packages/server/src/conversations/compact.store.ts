import { sql } from "kysely";
import type { Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import { type ConversationTables, sessionColumns } from "./tables.store.ts";

const query = createQuery<ConversationTables>();

type Cut = { key: string; sessionId: string; archiveId: string; dropped: number; now: number };

/** Where the beginning of a transcript lies that was cut off; it goes when its session's transcript goes. */
export const archiveIdOf = (sessionId: string, now: number): string =>
  `${sessionId}.bak.${new Date(now).toISOString()}`;

const isCurrent = (param: { key: unknown; sessionId: unknown }) =>
  sql<boolean>`exists (select 1 from sessions where key = ${param.key} and session_id = ${param.sessionId})`;

const archiveBeginning = prepared<Omit<Cut, "now">>((param) =>
  query
    .updateTable("messages")
    .set({ session_id: param("archiveId") })
    .where("session_id", "=", param("sessionId"))
    .where("seq", "<=", param("dropped"))
    .where(isCurrent({ key: param("key"), sessionId: param("sessionId") })),
);

// Positions move in two steps: within one, a new position could meet an old one that has not moved yet.
const leavePositions = prepared<Omit<Cut, "now" | "archiveId">>((param) =>
  query
    .updateTable("messages")
    .set({ seq: sql<number>`${param("dropped")} - seq` })
    .where("session_id", "=", param("sessionId"))
    .where("seq", ">", param("dropped"))
    .where(isCurrent({ key: param("key"), sessionId: param("sessionId") })),
);
const takePositions = prepared<{ sessionId: string }>((param) =>
  query
    .updateTable("messages")
    .set({ seq: sql<number>`-seq` })
    .where("session_id", "=", param("sessionId"))
    .where("seq", "<", 0),
);

const recount = prepared<{ key: string; sessionId: string; now: number; dropped: number }>((param) =>
  query
    .updateTable("sessions")
    .set((eb) => ({
      updated_at: param("now"),
      total_tokens: null,
      summary_seq: sql<
        number | null
      >`case when summary_seq > ${param("dropped")} then summary_seq - ${param("dropped")} end`,
      context_from: sql<
        number | null
      >`case when summary_seq > ${param("dropped")} then max(1, context_from - ${param("dropped")}) end`,
      message_count: eb
        .selectFrom("messages")
        .select(({ fn }) => fn.coalesce(fn.max("seq"), sql<number>`0`).as("count"))
        .whereRef("messages.session_id", "=", "sessions.session_id"),
    }))
    .where("key", "=", param("key"))
    .where("session_id", "=", param("sessionId"))
    .returning(sessionColumns),
);

/** One commit that puts the beginning of a transcript aside; the last statement gives the session's row. */
export const cutTranscript = ({ key, sessionId, archiveId, dropped, now }: Cut): Statement[] => [
  archiveBeginning({ key, sessionId, archiveId, dropped }),
  leavePositions({ key, sessionId, dropped }),
  takePositions({ sessionId }),
  recount({ key, sessionId, now, dropped }),
];

/** Goes after the summary was written; a first message that is gone meanwhile leaves what comes behind the summary. */
export const beginContext = prepared<{ key: string; sessionId: string; markId: string; firstKeptId: string }>(
  (param) => {
    const seqOf = (id: "markId" | "firstKeptId") =>
      query
        .selectFrom("messages")
        .select("seq")
        .where("session_id", "=", param("sessionId"))
        .where("id", "=", param(id));
    return query
      .updateTable("sessions")
      .set((eb) => ({
        compaction_count: eb("compaction_count", "+", 1),
        summary_seq: seqOf("markId"),
        context_from: eb.fn.coalesce(seqOf("firstKeptId"), seqOf("markId")),
      }))
      .where("key", "=", param("key"))
      .where("session_id", "=", param("sessionId"))
      .returning(sessionColumns);
  },
);

/** The roles around a position, to find a cut that parts no tool call from its result. */
export const rolesFrom = prepared<{ sessionId: string; from: number }>((param) =>
  query
    .selectFrom("messages")
    .select(["seq", sql<string>`message ->> '$.role'`.as("role")])
    .where("session_id", "=", param("sessionId"))
    .where("seq", ">=", param("from"))
    .orderBy("seq"),
);
