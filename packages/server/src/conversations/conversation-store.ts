import type {
  CallerTool,
  CallerToolChoice,
  JsonFormat,
  OutputReference,
  Sampling,
  ToolResultMessage,
  TranscriptMessage,
  UserMessage,
} from "@openclaw-gateway/protocol";
import type { UsageDelta } from "../usage/usage-store.ts";

/** A session as it is stored. Times are milliseconds since the epoch. */
export type StoredSession = {
  /** Canonical. */
  key: string;
  agentId: string;
  kind: string;
  sessionId: string;
  createdAt: number;
  updatedAt: number;
  label?: string;
  /** From the first user message. */
  derivedTitle?: string;
  lastMessagePreview?: string;
  messageCount: number;
  /** What `sessions.patch` set (thinkingLevel, model, …) and where the session came from (origin, deliveryContext, …). */
  settings: Record<string, unknown>;
  systemSent: boolean;
  abortedLastRun: boolean;
  inputTokens?: number;
  outputTokens?: number;
  /** Size of the last context. */
  totalTokens?: number;
  modelProvider?: string;
  model?: string;
  compactionCount: number;
  /** When this session id began, and when somebody last spoke or was answered. */
  sessionStartedAt: number;
  lastInteractionAt: number;
  /** Position of the last summary, and of the first message that the model is sent beside it. */
  summarySeq?: number;
  contextFrom?: number;
};

export type StoredMessage = {
  id: string;
  /** Position in the transcript, from 1, without holes. */
  seq: number;
  runId?: string;
  message: TranscriptMessage;
};

export type RunState = "queued" | "running" | "done" | "failed" | "aborted" | "interrupted";

/** A run: the durable inbox row of a message and what became of it. */
export type StoredRun = {
  runId: string;
  sessionKey: string;
  /** As the caller spelled it. */
  requestedKey: string;
  agentId: string;
  state: RunState;
  /** What the turn was asked: text, attachments, thinking, model, timeout, prompt. */
  input: RunInput;
  /** The transcript it runs in, once it has started. */
  sessionId?: string;
  /** Order within the session. */
  queuedAt: number;
  startedAt?: number;
  endedAt?: number;
  error?: string;
  /** What stopped it, or how it came to its own end where that is not an ordinary answer. */
  stopReason?: string;
};
export type RunInput = {
  message: string;
  attachments?: readonly Record<string, unknown>[];
  thinking?: string;
  /** `provider/id` for this turn; the session's own choice where absent. */
  model?: string;
  timeoutMs?: number;
  extraSystemPrompt?: string;
  /**
   * Who asked: decides what the events look like. The gateway answers a `command` itself, without a turn; `report` is a
   * sub-agent's end that its parent is told of.
   */
  source: "chat" | "agent" | "command" | "subagent" | "report" | "api";
  /** What a caller of the HTTP endpoints brings beside the text. */
  caller?: CallerRequest;
  /** Kept with the run as long as that is, for whoever asks for its answer later. */
  request?: Readonly<Record<string, unknown>>;
  /** In whose name the turn acts; its tools reach the gateway with these scopes at most, and not at all without. */
  causedBy?: { id: string; scopes: readonly string[] };
  /** The run of a sub-agent: its row among those to be reported comes in the same commit. */
  subagent?: { parentKey: string; cleanup: "keep" | "delete" };
  /** Whose end a `report` tells; marked as told in the same commit. */
  reportOf?: { runId: string; childKey: string };
  /** What becomes of the message when its session is busy. */
  queueMode?: string;
  /** The transcript is emptied before the turn begins. */
  startsFresh?: true;
};

/** What a turn is asked whose caller gives more than a text; images and files are prepared. */
export type CallerRequest = {
  input: readonly CallerItem[];
  /** For a session without messages. */
  context?: readonly CallerItem[];
  /** The session does not begin anew, however old it is. */
  continues?: true;
  /** A session without messages begins with those of another, up to this one. */
  forkOf?: { sessionId: string; seq: number };
  tools?: readonly CallerTool[];
  toolChoice?: CallerToolChoice;
  parallelToolCalls?: boolean;
  sampling?: Sampling;
  format?: JsonFormat;
};
export type UserContent = UserMessage["content"];
export type CallerItem =
  | { type: "message"; content: UserContent }
  | { type: "answer"; text: string }
  | { type: "call"; callId: string; name: string; arguments: Record<string, unknown> }
  | { type: "result"; callId: string; content: ToolResultMessage["content"]; isError?: boolean };

export type SessionFilter = {
  limit: number;
  agentId?: string;
  label?: string;
  /** Case-insensitive, in key, label and title. */
  search?: string;
  updatedAfter?: number;
  includeGlobal?: boolean;
  includeUnknown?: boolean;
  spawnedBy?: string;
  /** Both kinds unless given. */
  archived?: boolean;
  pinned?: boolean;
  /** Rows left out at the beginning. */
  offset?: number;
  /** Keyset paging: rows before this one in (updatedAt, key) order, newest first. */
  before?: { updatedAt: number; key: string };
};

export type TranscriptSearch = {
  /** At least one. */
  words: readonly string[];
  limit: number;
  agentId?: string;
  /** Only in these sessions. */
  keys?: readonly string[];
};
/** `score`: the higher the better the match. */
export type FoundMessage = StoredMessage & { key: string; agentId: string; sessionId: string; score: number };

/** What a message append changes on the session row beside the message itself. */
export type SessionTouch = {
  settings?: Record<string, unknown>;
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  modelProvider?: string;
  model?: string;
  abortedLastRun?: boolean;
};

/** What was used since it was last written. With a run it is counted only as long as that run is open. */
export type RunUsage = { runId?: string; deltas: readonly UsageDelta[] };

export type NewMessage = {
  id: string;
  runId?: string;
  message: TranscriptMessage;
  /** What the message only refers to; stored in the same commit. */
  apart?: readonly ApartOutput[];
};

/** Bytes of one piece of an output that is kept apart. */
export const chunkBytes = 65_536;
export type ApartOutput = {
  reference: OutputReference;
  chunks: readonly { start: number; data: Uint8Array }[];
};
/** A range of an output, and how much the whole is. */
export type StoredOutput = { kind: OutputReference["kind"]; bytes: number; data: Uint8Array };

/**
 * Sessions, their transcripts and their runs. They share a store because they change together: a message, the row that
 * lists its session and the run it belongs to are one commit. Every write resolves when it is on disk.
 */
export interface ConversationStore {
  session(key: string): Promise<StoredSession | undefined>;
  sessionById(sessionId: string): Promise<StoredSession | undefined>;
  sessions(filter: SessionFilter): Promise<StoredSession[]>;
  countSessions(agentId?: string): Promise<number>;
  /** How many sessions a list without limit would have. */
  countMatching(filter: Omit<SessionFilter, "limit" | "offset" | "before">): Promise<number>;
  /** Creates the row when missing; `settings` members set to null are removed. Label must be unique or undefined. */
  upsertSession(
    key: string,
    seed: { agentId: string; kind: string; sessionId: string; now: number },
    patch: { label?: string | null; settings?: Record<string, unknown> },
  ): Promise<StoredSession>;
  /**
   * Puts the beginning of a transcript aside so that at most `keep` messages stay, without parting a tool call from its
   * result. Nothing when the transcript is no longer that of the session.
   */
  compactTranscript(
    key: string,
    sessionId: string,
    keep: number,
    now: number,
  ): Promise<{ session: StoredSession; archiveId?: string } | undefined>;
  /**
   * From now on the model is sent the summary and what comes from `firstKeptId` on: messages that were still to be
   * written, the summary and the session's row are one commit. Nothing when the transcript is no longer that of the session.
   */
  summarise(
    key: string,
    sessionId: string,
    summary: { before: readonly NewMessage[]; mark: NewMessage; firstKeptId: string },
    touch: SessionTouch & { now: number; usage?: RunUsage },
  ): Promise<{ session: StoredSession; stored: StoredMessage[] } | undefined>;
  /** New session id, zero counters, empty transcript; settings stay, and so does the old transcript under its own id. */
  resetSession(key: string, sessionId: string, now: number): Promise<StoredSession | undefined>;
  /** Whether a session id is one that the session had before a reset. */
  isPast(key: string, sessionId: string): Promise<boolean>;
  /** The session and its transcript are gone at once for everybody; the rows of a long one leave in slices behind. */
  deleteSession(key: string, deleteTranscript: boolean): Promise<{ deleted: boolean; sessionId?: string }>;
  /** Resolves when nothing of given-up transcripts is left; goes on where a crash cut it off. */
  finishDiscarding(): Promise<void>;
  /** Whether rows of a transcript under this id are still being taken away. */
  isDiscarded(sessionId: string): Promise<boolean>;

  /**
   * `limit` messages, oldest first: the newest (optionally between two positions, the first one included), or those right
   * after one.
   */
  history(
    sessionId: string,
    page:
      | { limit: number; beforeSeq?: number; fromSeq?: number; afterSeq?: never }
      | { limit: number; afterSeq: number },
  ): Promise<StoredMessage[]>;
  message(sessionId: string, id: string): Promise<StoredMessage | undefined>;
  /** The same messages with what they keep apart, as a model is to see them. */
  whole(sessionId: string, messages: readonly StoredMessage[]): Promise<StoredMessage[]>;
  /** A range of an output that a message refers to. */
  output(sessionId: string, id: string, range: { offset: number; limit: number }): Promise<StoredOutput | undefined>;
  /** Messages of users and agents that hold every word, the best match first; the last word may be a beginning. */
  searchTranscripts(search: TranscriptSearch): Promise<FoundMessage[]>;
  countMessages(sessionId: string): Promise<number>;
  /** Appends and touches the session row in one commit; positions are given out by the store. */
  append(
    key: string,
    sessionId: string,
    messages: readonly NewMessage[],
    touch: SessionTouch & {
      now: number;
      usage?: RunUsage;
      /** The run of a sub-agent whose end the messages tell. */
      reportOf?: string;
    },
  ): Promise<StoredMessage[]>;

  /**
   * Accepts a run before it is acknowledged: creates the session when missing and the run row, in one commit. A run id
   * that exists already changes nothing and is returned as `existing`.
   */
  acceptRun(
    run: StoredRun,
    seed: { kind: string; sessionId: string; now: number; settings?: Record<string, unknown> },
  ): Promise<{ session: StoredSession; existing?: StoredRun }>;
  run(runId: string): Promise<StoredRun | undefined>;
  /** The messages of a run that remembers its request, oldest first. */
  messagesOfRun(runId: string): Promise<StoredMessage[]>;
  /** What a run remembers of its request is forgotten; false when it remembers none. */
  forgetRequest(runId: string): Promise<boolean>;
  /** Queued and running, in the order in which they were accepted. */
  openRuns(): Promise<StoredRun[]>;
  /** The run starts: what it was asked is appended and the state changes, in one commit. */
  startRun(
    runId: string,
    key: string,
    sessionId: string,
    asked: readonly NewMessage[],
    now: number,
  ): Promise<StoredMessage[]>;
  /** The run ends: last messages, session row, usage and state in one commit. */
  finishRun(
    runId: string,
    end: {
      state: Exclude<RunState, "queued" | "running">;
      endedAt: number;
      error?: string;
      stopReason?: string;
      usage?: readonly UsageDelta[];
      /** Runs whose messages this one answered too. */ joined?: readonly string[];
    },
    last?: { key: string; sessionId: string; messages: readonly NewMessage[]; touch: SessionTouch & { now: number } },
  ): Promise<StoredMessage[]>;
  /** After a crash: running runs become `interrupted` (one note each in the transcript); queued ones are returned in order. */
  recoverRuns(
    now: number,
    note: (run: StoredRun) => NewMessage,
  ): Promise<{ interrupted: StoredRun[]; queued: StoredRun[] }>;
}
