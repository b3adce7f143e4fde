import type { Generated, GeneratedAlways, Selectable } from "kysely";

/** Times are milliseconds since the epoch, flags 0 or 1, objects JSON. */
export type SessionsTable = {
  id: Generated<number>;
  key: string;
  agent_id: string;
  kind: string;
  session_id: string;
  created_at: number;
  updated_at: number;
  label: string | null;
  derived_title: string | null;
  /** Label and title in lower case, for the search. */
  label_folded: string | null;
  title_folded: string | null;
  last_message_preview: string | null;
  message_count: number;
  settings: string;
  /** Computed from the settings, for the index. */
  spawned_by: GeneratedAlways<string | null>;
  archived: GeneratedAlways<number>;
  system_sent: number;
  aborted_last_run: number;
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  model_provider: string | null;
  model: string | null;
  compaction_count: Generated<number>;
  /** Where the last summary stands, and the first message that the model is sent beside it. */
  summary_seq: number | null;
  context_from: number | null;
  /** When this session id began, and when somebody last spoke; null in rows from before these were kept. */
  session_started_at: number | null;
  last_interaction_at: number | null;
};

/** Session ids that a reset has replaced; their transcripts are kept. */
export type PastSessionsTable = { session_id: string; key: string; started_at: number; ended_at: number };

export type MessagesTable = {
  session_id: string;
  seq: number;
  id: string;
  run_id: string | null;
  message: string;
};

export type RunsTable = {
  /** Order of acceptance. */
  id: Generated<number>;
  run_id: string;
  session_key: string;
  /** The transcript it runs in, once it has started. */
  session_id: string | null;
  requested_key: string;
  agent_id: string;
  state: string;
  input: string;
  queued_at: number;
  started_at: number | null;
  /** Null as long as the run is queued or running. */
  ended_at: number | null;
  error: string | null;
  stop_reason: string | null;
};

export type ToolOutputsTable = { session_id: string; id: string; kind: string; bytes: number };
/** `start` is the first byte of `data` in the whole; no chunk is longer than `chunkBytes`. */
export type ToolOutputChunksTable = { session_id: string; id: string; start: number; data: Uint8Array };

export type ConversationTables = {
  sessions: SessionsTable;
  messages: MessagesTable;
  runs: RunsTable;
  past_sessions: PastSessionsTable;
  tool_outputs: ToolOutputsTable;
  tool_output_chunks: ToolOutputChunksTable;
};

/** What is read of a session; the rest serves indexes and the search. */
export const sessionColumns = [
  "key",
  "agent_id",
  "kind",
  "session_id",
  "created_at",
  "updated_at",
  "label",
  "derived_title",
  "last_message_preview",
  "message_count",
  "settings",
  "system_sent",
  "aborted_last_run",
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "model_provider",
  "model",
  "compaction_count",
  "summary_seq",
  "context_from",
  "session_started_at",
  "last_interaction_at",
] as const;
export const messageColumns = ["id", "seq", "run_id", "message"] as const;

export type SessionRecord = Pick<Selectable<SessionsTable>, (typeof sessionColumns)[number]>;
export type MessageRecord = Pick<MessagesTable, (typeof messageColumns)[number]>;
export type RunRecord = Selectable<RunsTable>;
