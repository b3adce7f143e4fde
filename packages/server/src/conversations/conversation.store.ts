import type { Database, Statement, WriteResult } from "../store/database.ts";
import { StorageError } from "../store/storage-error.ts";
import { archiveIdOf, beginContext, cutTranscript, rolesFrom } from "./compact.store.ts";
import { toStoredMessage, toStoredRun, toStoredSession } from "./conversation-records.ts";
import type { ConversationStore, NewMessage, StoredMessage, StoredSession } from "./conversation-store.ts";
import { LabelInUseError, TranscriptChangedError } from "./conversation-errors.ts";
import { discarded, discardedById, discardTranscript, nextSlice } from "./discard.store.ts";
import * as messageRows from "./messages.store.ts";
import { deleteOutputs, insertOutputs, makeWhole, readOutput } from "./outputs.store.ts";
import * as runRows from "./runs.store.ts";
import { insertSubagent, reportSubagent } from "../subagents/subagents.store.ts";
import { addUsage } from "../usage/usage.store.ts";
import { type FoundRecord, searchTranscripts } from "./search.store.ts";
import { textsOf } from "./session-texts.ts";
import * as sessionRows from "./sessions.store.ts";
import type { MessageRecord, RunRecord, SessionRecord } from "./tables.store.ts";

/** Messages of one page that are read on the I/O thread; longer pages are the worker's. */
const maxShortPage = 200;

export function createConversationStore(db: Database): ConversationStore {
  async function readSession(statement: Statement): Promise<StoredSession | undefined> {
    const [record] = await db.read<SessionRecord>(statement);
    return record && toStoredSession(record);
  }

  /** Writes messages, the row of their session and whatever belongs to them in one commit; gives back what was written. */
  async function append(
    target: messageRows.AppendTarget,
    messages: readonly NewMessage[],
    touch: Parameters<typeof sessionRows.touchSession>[2],
    others: readonly Statement[] = [],
  ): Promise<StoredMessage[]> {
    const inserts = messageRows.insertMessages(target, messages);
    const results = await db.write([
      ...inserts,
      sessionRows.touchSession(target, textsOf(messages), touch),
      ...insertOutputs(target.sessionId, messages),
      ...others,
    ]);
    return withPositions(messages, results);
  }

  let sweeping: Promise<void> | undefined;

  /** Takes away what is left of given-up transcripts, a slice at a time; others write in between. */
  async function sweep(): Promise<void> {
    for (;;) {
      const [next] = await db.read<{ session_id: string }>(discarded({}));
      if (!next) return;
      await db.write(nextSlice(next.session_id));
    }
  }
  const finishDiscarding = (): Promise<void> => (sweeping ??= sweep().finally(() => (sweeping = undefined)));
  /** What cannot be taken away now is taken away after the next start. */
  const sweepBehind = (): void => void finishDiscarding().catch(() => undefined);

  // One after the other: a second cut must not count with the positions of before the first.
  let compacting: Promise<unknown> = Promise.resolve();

  /** How many of the first messages can go: at least `wanted`, and what is left begins with no answer to a tool call. */
  async function droppable(sessionId: string, wanted: number): Promise<number> {
    if (wanted <= 0) return 0;
    const kept = await db.scan<{ seq: number; role: string }>(rolesFrom({ sessionId, from: wanted + 1 }));
    const first = kept.find(({ role }) => role !== "toolResult");
    if (first) return first.seq - 1;
    // Results to the end: their call stays with them.
    const earlier = await db.scan<{ seq: number; role: string }>(rolesFrom({ sessionId, from: 1 }));
    return (earlier.findLast(({ role }) => role !== "toolResult")?.seq ?? 1) - 1;
  }

  async function compact(key: string, sessionId: string, keep: number, now: number) {
    const session = await readSession(sessionRows.sessionByKey({ key }));
    if (session?.sessionId !== sessionId) return undefined;
    const dropped = await droppable(sessionId, session.messageCount - keep);
    if (dropped === 0) return { session };
    const archiveId = archiveIdOf(sessionId, now);
    const results = await db.write(cutTranscript({ key, sessionId, archiveId, dropped, now }));
    const compacted = sessionIn(results.at(-1));
    return compacted && { session: compacted, archiveId };
  }

  return {
    session: (key) => readSession(sessionRows.sessionByKey({ key })),
    sessionById: (sessionId) => readSession(sessionRows.sessionById({ sessionId })),
    sessions: async (filter) => {
      const statement = sessionRows.listSessions(filter);
      // A search looks at every row until it has found enough.
      const isLong = filter.search !== undefined || filter.limit + (filter.offset ?? 0) > maxShortPage;
      const records = await (isLong ? db.scan<SessionRecord>(statement) : db.read<SessionRecord>(statement));
      return records.map(toStoredSession);
    },
    countSessions: async (agentId) => {
      const [row] = await db.scan<{ count: number }>(sessionRows.countSessions(agentId));
      return row?.count ?? 0;
    },
    countMatching: async (filter) => {
      const [row] = await db.scan<{ count: number }>(sessionRows.countMatching(filter));
      return row?.count ?? 0;
    },
    upsertSession: async (key, seed, patch) => {
      try {
        const [upserted] = await db.write([sessionRows.upsertSession(key, seed, patch)]);
        return sessionIn(upserted)!;
      } catch (error) {
        if (!(error instanceof StorageError) || !error.columns.includes("sessions.label")) throw error;
        throw new LabelInUseError(patch.label ?? "", { cause: error });
      }
    },
    compactTranscript: (key, sessionId, keep, now) => {
      const compacted = compacting.then(() => compact(key, sessionId, keep, now));
      compacting = compacted.catch(() => undefined);
      return compacted;
    },
    summarise: async (key, sessionId, { before, mark, firstKeptId }, { usage, ...touch }) => {
      const target = { key, sessionId, guard: "none" } as const;
      const messages = [...before, mark];
      const results = await db.write([
        ...messageRows.insertMessages(target, messages),
        sessionRows.touchSession(target, textsOf(before), touch),
        ...insertOutputs(sessionId, messages),
        ...(usage ? addUsage(usage.runId, usage.deltas) : []),
        beginContext({ key, sessionId, markId: mark.id, firstKeptId }),
      ]);
      const session = sessionIn(results.at(-1));
      return session && { session, stored: withPositions(messages, results) };
    },
    resetSession: async (key, sessionId, now) => {
      const results = await db.write([
        sessionRows.keepPast({ key, sessionId, now }),
        sessionRows.resetSession({ key, sessionId, now }),
      ]);
      return sessionIn(results.at(-1));
    },
    isPast: async (key, sessionId) => (await db.read(sessionRows.pastSession({ key, sessionId }))).length > 0,
    deleteSession: async (key, deleteTranscript) => {
      const words = deleteTranscript
        ? [
            ...deleteOutputs(key),
            ...discardTranscript(key),
            sessionRows.forgetPast({ key }),
            runRows.forgetInputs({ key }),
          ]
        : [];
      const results = await db.write([...words, sessionRows.deleteSession({ key })]);
      if (deleteTranscript) sweepBehind();
      const sessionId = results.at(-1)?.rows[0]?.["session_id"];
      return typeof sessionId === "string" ? { deleted: true, sessionId } : { deleted: false };
    },

    finishDiscarding,
    isDiscarded: async (sessionId) => (await db.read(discardedById({ sessionId }))).length > 0,

    history: async (sessionId, { limit, ...page }) => {
      const read = (statement: Statement) =>
        limit > maxShortPage ? db.scan<MessageRecord>(statement) : db.read<MessageRecord>(statement);
      if (page.afterSeq !== undefined) {
        const records = await read(messageRows.messagesAfter({ sessionId, afterSeq: page.afterSeq, limit }));
        return records.map(toStoredMessage);
      }
      const { beforeSeq = Number.MAX_SAFE_INTEGER, fromSeq = 1 } = page;
      const records = await read(messageRows.messagesBetween({ sessionId, fromSeq, beforeSeq, limit }));
      return records.reverse().map(toStoredMessage);
    },
    message: async (sessionId, id) => {
      const [record] = await db.read<MessageRecord>(messageRows.messageById({ sessionId, id }));
      return record && toStoredMessage(record);
    },
    whole: (sessionId, messages) => makeWhole(db, sessionId, messages),
    output: (sessionId, id, range) => readOutput(db, sessionId, id, range),
    searchTranscripts: async (search) => {
      const records = await db.scan<FoundRecord>(searchTranscripts(search));
      return records.map((record) => ({
        ...toStoredMessage(record),
        key: record.key,
        agentId: record.agent_id,
        sessionId: record.session_id,
        score: record.score,
      }));
    },
    countMessages: async (sessionId) => {
      const [row] = await db.read<{ last: number | null }>(messageRows.lastPosition({ sessionId }));
      return row?.last ?? 0;
    },
    append: (key, sessionId, messages, { usage, reportOf, ...touch }) =>
      append({ key, sessionId, guard: "none" }, messages, touch, [
        ...(usage ? addUsage(usage.runId, usage.deltas) : []),
        ...(reportOf === undefined ? [] : reportSubagent(reportOf)),
      ]),

    acceptRun: async (run, { settings = {}, ...seed }) => {
      const { runId, sessionKey, agentId, queuedAt } = run;
      const { subagent, reportOf } = run.input;
      const born = subagent ? [insertSubagent({ runId, childKey: sessionKey, createdAt: queuedAt, ...subagent })] : [];
      const results = await db.write([
        ...born,
        sessionRows.acceptSession(sessionKey, { ...seed, agentId }, settings, runId),
        runRows.insertRun(run),
        sessionRows.sessionOfRun({ runId }),
        runRows.runById({ runId }),
        ...(reportOf ? reportSubagent(reportOf.runId) : []),
      ]);
      const [, inserted, session, stored] = results.slice(born.length);
      const isNew = inserted?.rows.length === 1;
      return {
        session: sessionIn(session) ?? unstored(sessionKey, { ...seed, agentId }),
        ...(!isNew && { existing: toStoredRun(stored?.rows[0] as RunRecord) }),
      };
    },
    run: async (runId) => {
      const [record] = await db.read<RunRecord>(runRows.runById({ runId }));
      return record && toStoredRun(record);
    },
    messagesOfRun: async (runId) =>
      (await db.scan<MessageRecord>(messageRows.messagesOfRun({ runId }))).map(toStoredMessage),
    forgetRequest: async (runId) => (await db.write([runRows.forgetRequest({ runId })]))[0]?.rows.length === 1,
    openRuns: async () => (await db.scan<RunRecord>(runRows.openRuns({}))).map(toStoredRun),
    startRun: async (runId, key, sessionId, asked, now) => {
      const target = { key, sessionId, runId, guard: "run is queued" } as const;
      const stored = await append(target, asked, { now }, [runRows.startRun({ runId, key, sessionId, now })]);
      if (stored.length === 0) throw new TranscriptChangedError(key);
      return stored;
    },
    finishRun: async (runId, { usage = [], joined = [], ...end }, last) => {
      const ending = [...addUsage(runId, usage), ...[runId, ...joined].flatMap((id) => runRows.endRun(id, end))];
      if (last) {
        const { key, sessionId, messages, touch } = last;
        return append({ key, sessionId, runId, guard: "run is open" }, messages, touch, ending);
      }
      await db.write(ending);
      return [];
    },
    recoverRuns: async (now, note) => {
      const records = await db.scan<RunRecord>(runRows.openRuns({}));
      const cut = records.filter(({ state }) => state === "running");
      const interrupted = cut.map((record) => ({
        ...toStoredRun(record),
        state: "interrupted" as const,
        endedAt: now,
      }));
      await Promise.all(
        cut.map((record) => {
          const { run_id: runId, session_key: key, session_id: sessionId } = record;
          const target = { key, sessionId: sessionId ?? "", runId, guard: "run is open" } as const;
          const ending = runRows.endRun(runId, { state: "interrupted", endedAt: now });
          return append(target, [note(toStoredRun(record))], { now }, ending);
        }),
      );
      return { interrupted, queued: records.filter(({ state }) => state === "queued").map(toStoredRun) };
    },
  };
}

/** Those of the messages that were written; the results of their inserts come first. */
const withPositions = (messages: readonly NewMessage[], results: readonly WriteResult[]): StoredMessage[] =>
  messages.flatMap(({ apart: _apart, ...message }, index) => {
    const seq = results[index]?.rows[0]?.["seq"];
    return typeof seq === "number" ? [{ ...message, seq }] : [];
  });

function sessionIn(result: WriteResult | undefined): StoredSession | undefined {
  const record = result?.rows[0];
  return record && toStoredSession(record as SessionRecord);
}

/** What a repeated run answers whose session has been deleted since: a session as it would be, stored nowhere. */
const unstored = (key: string, { agentId, kind, sessionId, now }: sessionRows.SessionSeed): StoredSession => ({
  key,
  agentId,
  kind,
  sessionId,
  createdAt: now,
  updatedAt: now,
  messageCount: 0,
  settings: {},
  systemSent: false,
  abortedLastRun: false,
  compactionCount: 0,
  sessionStartedAt: now,
  lastInteractionAt: now,
});
