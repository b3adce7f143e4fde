import { sql } from "kysely";
import type { Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { NewMessage } from "./conversation-store.ts";
import { type RunGuard, runHolds } from "./run-guard.store.ts";
import { type ConversationTables, messageColumns } from "./tables.store.ts";

const query = createQuery<ConversationTables>();

type InsertInput = {
  key: string;
  sessionId: string;
  id: string;
  ofRun: string | null;
  message: string;
  guardedRun: string | null;
};

/** Takes the next position of the transcript, as long as it is still the one of its session. */
const buildInsert = (guard: RunGuard) =>
  prepared<InsertInput>((param) => {
    const source = query
      .selectFrom("sessions")
      .select((eb) => [
        "sessions.session_id",
        sql<number>`${eb
          .selectFrom("messages")
          .select(({ fn }) => fn.coalesce(fn.max("messages.seq"), sql<number>`0`).as("last"))
          .whereRef("messages.session_id", "=", "sessions.session_id")} + 1`.as("seq"),
        param("id").as("id"),
        param("ofRun").as("run_id"),
        param("message").as("message"),
      ])
      .where("sessions.key", "=", param("key"))
      .where("sessions.session_id", "=", param("sessionId"));
    return query
      .insertInto("messages")
      .columns(["session_id", "seq", "id", "run_id", "message"])
      .expression(guard === "none" ? source : source.where((eb) => runHolds(eb, guard, param("guardedRun"))))
      .returning("seq");
  });

const inserts: Record<RunGuard, (input: InsertInput) => Statement> = {
  none: buildInsert("none"),
  "run is queued": buildInsert("run is queued"),
  "run is open": buildInsert("run is open"),
};

export type AppendTarget = { key: string; sessionId: string; runId?: string; guard: RunGuard };

/** One statement for each message; each gives back its position, or nothing when the transcript is no longer there. */
export function insertMessages(target: AppendTarget, messages: readonly NewMessage[]): Statement[] {
  return messages.map(({ id, runId, message }) =>
    inserts[target.guard]({
      key: target.key,
      sessionId: target.sessionId,
      id,
      ofRun: runId ?? null,
      message: JSON.stringify(message),
      guardedRun: target.runId ?? null,
    }),
  );
}

/** Newest first. */
export const messagesBetween = prepared<{ sessionId: string; fromSeq: number; beforeSeq: number; limit: number }>(
  (param) =>
    query
      .selectFrom("messages")
      .select(messageColumns)
      .where("session_id", "=", param("sessionId"))
      .where("seq", ">=", param("fromSeq"))
      .where("seq", "<", param("beforeSeq"))
      .orderBy("seq", "desc")
      .limit(param("limit")),
);

/** Oldest first. */
export const messagesAfter = prepared<{ sessionId: string; afterSeq: number; limit: number }>((param) =>
  query
    .selectFrom("messages")
    .select(messageColumns)
    .where("session_id", "=", param("sessionId"))
    .where("seq", ">", param("afterSeq"))
    .orderBy("seq")
    .limit(param("limit")),
);

/** Oldest first. The bounds are those of the index, word for word. */
export const messagesOfRun = prepared<{ runId: string }>((param) =>
  query
    .selectFrom("messages")
    .select(messageColumns)
    .where("run_id", "=", param("runId"))
    .where(sql<boolean>`run_id >= 'resp_'`)
    .where(sql<boolean>`run_id < ${sql.lit("resp`")}`)
    .orderBy("seq"),
);

export const messageById = prepared<{ sessionId: string; id: string }>((param) =>
  query
    .selectFrom("messages")
    .select(messageColumns)
    .where("session_id", "=", param("sessionId"))
    .where("id", "=", param("id")),
);

/** Positions have no holes, so the last one is the count. */
export const lastPosition = prepared<{ sessionId: string }>((param) =>
  query
    .selectFrom("messages")
    .select(({ fn }) => fn.max("seq").as("last"))
    .where("session_id", "=", param("sessionId")),
);
