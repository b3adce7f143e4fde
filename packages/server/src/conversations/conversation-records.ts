import type { RunInput, RunState, StoredMessage, StoredRun, StoredSession } from "./conversation-store.ts";
import type { MessageRecord, RunRecord, SessionRecord } from "./tables.store.ts";

export function toStoredSession(record: SessionRecord): StoredSession {
  const session: StoredSession = {
    key: record.key,
    agentId: record.agent_id,
    kind: record.kind,
    sessionId: record.session_id,
    createdAt: record.created_at,
    updatedAt: record.updated_at,
    messageCount: record.message_count,
    settings: record.settings === "{}" ? {} : (JSON.parse(record.settings) as StoredSession["settings"]),
    systemSent: record.system_sent === 1,
    abortedLastRun: record.aborted_last_run === 1,
    compactionCount: record.compaction_count,
    sessionStartedAt: record.session_started_at ?? record.created_at,
    lastInteractionAt: record.last_interaction_at ?? record.updated_at,
  };
  if (record.label !== null) session.label = record.label;
  if (record.derived_title !== null) session.derivedTitle = record.derived_title;
  if (record.last_message_preview !== null) session.lastMessagePreview = record.last_message_preview;
  if (record.input_tokens !== null) session.inputTokens = record.input_tokens;
  if (record.output_tokens !== null) session.outputTokens = record.output_tokens;
  if (record.total_tokens !== null) session.totalTokens = record.total_tokens;
  if (record.model_provider !== null) session.modelProvider = record.model_provider;
  if (record.model !== null) session.model = record.model;
  if (record.summary_seq !== null) session.summarySeq = record.summary_seq;
  if (record.context_from !== null) session.contextFrom = record.context_from;
  return session;
}

export function toStoredMessage(record: MessageRecord): StoredMessage {
  const message = JSON.parse(record.message) as StoredMessage["message"];
  const { id, seq, run_id: runId } = record;
  return runId === null ? { id, seq, message } : { id, seq, runId, message };
}

export function toStoredRun(record: RunRecord): StoredRun {
  return {
    runId: record.run_id,
    sessionKey: record.session_key,
    requestedKey: record.requested_key,
    agentId: record.agent_id,
    state: record.state as RunState,
    input: JSON.parse(record.input) as RunInput,
    queuedAt: record.queued_at,
    ...(record.session_id !== null && { sessionId: record.session_id }),
    ...(record.started_at !== null && { startedAt: record.started_at }),
    ...(record.ended_at !== null && { endedAt: record.ended_at }),
    ...(record.error !== null && { error: record.error }),
    ...(record.stop_reason !== null && { stopReason: record.stop_reason }),
  };
}
