import type { ConversationStore, StoredMessage, StoredSession } from "./conversation-store.ts";

export type ConversationChange =
  | { kind: "session"; key: string; session: StoredSession; reason: string }
  | { kind: "deleted"; key: string; agentId: string }
  | { kind: "messages"; key: string; sessionId: string; messages: readonly StoredMessage[] };

/**
 * The conversation store with news of what changed. Everybody writes through it, so revisions tell exactly when a page
 * that was handed out before is still true.
 */
export interface Conversations extends ConversationStore {
  /** Grows with every change of any session row. */
  readonly listRevision: number;
  /** Grows with every change of this session or its transcript. */
  revision(key: string): number;
  /** `reason` is what subscribers are told; "patch" unless given. */
  upsertSession(
    ...upsert: [...Parameters<ConversationStore["upsertSession"]>, reason?: string]
  ): Promise<StoredSession>;
  onChange(listener: (change: ConversationChange) => void): () => void;
  /** Makes every page old: something may have been written that nobody was told of. */
  forgetRevisions(): void;
}

/** Revisions remembered for sessions at most. */
const maxRevisions = 5_000;

export function createConversations(store: ConversationStore): Conversations {
  const listeners = new Set<(change: ConversationChange) => void>();
  const revisions = new Map<string, number>();
  let listRevision = 0;
  // What a forgotten session answers: at least as new as anything it had, so that no old page can match.
  let floor = 0;

  function touch(key: string): void {
    listRevision++;
    revisions.delete(key);
    revisions.set(key, listRevision);
    const [oldest] = revisions.size > maxRevisions ? revisions : [];
    if (!oldest) return;
    floor = Math.max(floor, oldest[1]);
    revisions.delete(oldest[0]);
  }
  function tell(change: ConversationChange): void {
    for (const listener of listeners) listener(change);
  }
  async function tellSession(key: string, reason: string): Promise<void> {
    const session = await store.session(key);
    if (session) tell({ kind: "session", key, session, reason });
  }

  return {
    get listRevision() {
      return listRevision;
    },
    revision: (key) => revisions.get(key) ?? floor,
    forgetRevisions: () => {
      floor = ++listRevision;
      revisions.clear();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    session: (key) => store.session(key),
    sessionById: (sessionId) => store.sessionById(sessionId),
    sessions: (filter) => store.sessions(filter),
    countSessions: (agentId) => store.countSessions(agentId),
    countMatching: (filter) => store.countMatching(filter),
    finishDiscarding: () => store.finishDiscarding(),
    isDiscarded: (sessionId) => store.isDiscarded(sessionId),
    history: (sessionId, page) => store.history(sessionId, page),
    message: (sessionId, id) => store.message(sessionId, id),
    whole: (sessionId, messages) => store.whole(sessionId, messages),
    output: (sessionId, id, range) => store.output(sessionId, id, range),
    searchTranscripts: (search) => store.searchTranscripts(search),
    isPast: (key, sessionId) => store.isPast(key, sessionId),
    countMessages: (sessionId) => store.countMessages(sessionId),
    run: (runId) => store.run(runId),
    messagesOfRun: (runId) => store.messagesOfRun(runId),
    forgetRequest: (runId) => store.forgetRequest(runId),
    openRuns: () => store.openRuns(),
    upsertSession: async (key, seed, patch, reason = "patch") => {
      const session = await store.upsertSession(key, seed, patch);
      touch(key);
      tell({ kind: "session", key, session, reason });
      return session;
    },
    compactTranscript: async (key, sessionId, keep, now) => {
      const compacted = await store.compactTranscript(key, sessionId, keep, now);
      touch(key);
      if (compacted?.archiveId !== undefined)
        tell({ kind: "session", key, session: compacted.session, reason: "compact" });
      return compacted;
    },
    summarise: async (key, sessionId, summary, change) => {
      const summed = await store.summarise(key, sessionId, summary, change);
      touch(key);
      if (summed) {
        tell({ kind: "messages", key, sessionId, messages: summed.stored });
        tell({ kind: "session", key, session: summed.session, reason: "compact" });
      }
      return summed;
    },
    resetSession: async (key, sessionId, now) => {
      const session = await store.resetSession(key, sessionId, now);
      touch(key);
      if (session) tell({ kind: "session", key, session, reason: "reset" });
      return session;
    },
    deleteSession: async (key, deleteTranscript) => {
      const known = await store.session(key);
      const result = await store.deleteSession(key, deleteTranscript);
      touch(key);
      if (known) tell({ kind: "deleted", key, agentId: known.agentId });
      return result;
    },
    append: async (key, sessionId, messages, change) => {
      const stored = await store.append(key, sessionId, messages, change);
      touch(key);
      tell({ kind: "messages", key, sessionId, messages: stored });
      await tellSession(key, "message");
      return stored;
    },
    acceptRun: async (run, seed) => {
      const result = await store.acceptRun(run, seed);
      if (!result.existing) {
        touch(run.sessionKey);
        tell({ kind: "session", key: run.sessionKey, session: result.session, reason: "send" });
      }
      return result;
    },
    startRun: async (runId, key, sessionId, asked, now) => {
      const stored = await store.startRun(runId, key, sessionId, asked, now);
      touch(key);
      tell({ kind: "messages", key, sessionId, messages: stored });
      return stored;
    },
    finishRun: async (runId, end, last) => {
      const stored = await store.finishRun(runId, end, last);
      if (last) {
        touch(last.key);
        if (stored.length > 0) tell({ kind: "messages", key: last.key, sessionId: last.sessionId, messages: stored });
        await tellSession(last.key, "agent.input.settled");
      }
      return stored;
    },
    recoverRuns: async (now, note) => {
      const result = await store.recoverRuns(now, note);
      for (const run of result.interrupted) touch(run.sessionKey);
      return result;
    },
  };
}
