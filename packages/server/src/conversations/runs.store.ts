import { sql } from "kysely";
import type { Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { RunState, StoredRun } from "./conversation-store.ts";
import type { ConversationTables } from "./tables.store.ts";

/** How long the id of an ended run is remembered, so that a repeated message is recognised. */
const retentionMs = 14 * 24 * 3_600_000;
/** Forgotten with each run that ends, so that the table never needs a sweep. */
const forgottenPerEnd = 4;

const query = createQuery<ConversationTables>();

export const runById = prepared<{ runId: string }>((param) =>
  query.selectFrom("runs").selectAll().where("run_id", "=", param("runId")),
);

/** Queued and running, in the order in which they were accepted. */
export const openRuns = prepared<object>(() =>
  query.selectFrom("runs").selectAll().where("ended_at", "is", null).orderBy("queued_at").orderBy("id"),
);

const insertRow = prepared<Omit<StoredRun, "input"> & { input: string }>((param) =>
  query
    .insertInto("runs")
    .values({
      run_id: param("runId"),
      session_key: param("sessionKey"),
      requested_key: param("requestedKey"),
      agent_id: param("agentId"),
      state: param("state"),
      input: param("input"),
      queued_at: param("queuedAt"),
    })
    .onConflict((conflict) => conflict.column("run_id").doNothing())
    .returning("run_id"),
);

/** Gives back the id when the run is new, nothing when it is known. */
export const insertRun = (run: StoredRun): Statement => insertRow({ ...run, input: JSON.stringify(run.input) });

/** A run whose session was reset or deleted while it waited ends here instead of starting. */
export const startRun = prepared<{ runId: string; key: string; sessionId: string; now: number }>((param) => {
  const isCurrent = query
    .selectFrom("sessions")
    .select("sessions.id")
    .where("sessions.key", "=", param("key"))
    .where("sessions.session_id", "=", param("sessionId"));
  return query
    .updateTable("runs")
    .set((eb) => ({
      state: eb.case().when(eb.exists(isCurrent)).then("running").else("aborted").end(),
      session_id: param("sessionId"),
      started_at: param("now"),
      ended_at: eb.case().when(eb.exists(isCurrent)).then(null).else(param("now")).end(),
    }))
    .where("run_id", "=", param("runId"))
    .where("state", "=", "queued");
});

/** What only the running turn needed leaves the row; an interrupted run keeps it, because it may be resumed. */
const endRow = prepared<{
  runId: string;
  state: RunState;
  endedAt: number;
  error: string | null;
  stopReason: string | null;
}>((param) =>
  query
    .updateTable("runs")
    .set((eb) => ({
      state: param("state"),
      ended_at: param("endedAt"),
      error: param("error"),
      stop_reason: param("stopReason"),
      input: eb
        .case()
        .when(param("state"), "=", "interrupted")
        .then(eb.ref("input"))
        .else(sql<string>`json_remove(input, '$.attachments', '$.extraSystemPrompt', '$.caller')`)
        .end(),
    }))
    .where("run_id", "=", param("runId"))
    .where("ended_at", "is", null),
);

const forgetOld = prepared<{ before: number }>((param) =>
  query
    .deleteFrom("runs")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("runs")
        .select("id")
        .where("ended_at", "<", param("before"))
        .orderBy("ended_at")
        .limit(forgottenPerEnd),
    ),
);

export function endRun(
  runId: string,
  end: { state: RunState; endedAt: number; error?: string; stopReason?: string },
): Statement[] {
  return [endRow({ runId, error: null, stopReason: null, ...end }), forgetOld({ before: end.endedAt - retentionMs })];
}

/** Gives back the id when there was something to forget. */
export const forgetRequest = prepared<{ runId: string }>((param) =>
  query
    .updateTable("runs")
    .set({ input: sql<string>`json_remove(input, '$.request')` })
    .where("run_id", "=", param("runId"))
    .where(sql<boolean>`json_type(input, '$.request') IS NOT NULL`)
    .returning("run_id"),
);

/** The words of a transcript that is deleted are not kept in the runs that caused it either. */
export const forgetInputs = prepared<{ key: string }>((param) =>
  query
    .updateTable("runs")
    .set({ input: sql<string>`json_object('message', '', 'source', input ->> '$.source')` })
    .where("session_key", "=", param("key"))
    .where("ended_at", "is not", null),
);
