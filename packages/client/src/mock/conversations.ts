import {
  canonicalSessionKey,
  type Params,
  parseSessionKey,
  type Payload,
  type SessionEntry,
  type SessionKeyDefaults,
  sessionKindOf,
  type SessionRow,
  type TranscriptMessage,
  visibleText,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../core/index.ts";
import type { Random } from "./random.ts";

type Settings = Omit<Params<"sessions.patch">, "key" | "expectedSessionId" | "expectedSessionUpdatedAt">;

export type MockSession = {
  readonly key: string;
  readonly agentId: string;
  sessionId: string;
  createdAtMs: number;
  updatedAtMs: number;
  /** What `sessions.patch` has set; what it clears is absent. */
  settings: Map<string, unknown>;
  parentKey: string | undefined;
  depth: number;
  messages: { id: string; message: TranscriptMessage }[];
  inputTokens: number;
  outputTokens: number;
  contextTokens: number;
  abortedLastRun: boolean;
};

export type ConversationEvents = {
  changed(session: MockSession | undefined, key: string, reason: string): void;
  message(session: MockSession, payload: Payload<"session.message">): void;
};

export type Conversations = ReturnType<typeof createConversations>;

export const mainKey = "main";
export const defaultAgentId = "main";
export const keyDefaults: SessionKeyDefaults = { defaultAgentId, mainKey };
/** In the place of the database's path. */
export const mockPath = "(mock)";
export const mockModel = { modelProvider: "mock", model: "mock-1", contextTokens: 128_000 };

/** Sessions and transcripts, in memory. */
export function createConversations(clock: Clock, random: Random, events: ConversationEvents) {
  const sessions = new Map<string, MockSession>();
  const canonical = (key: string): string => canonicalSessionKey(key, keyDefaults);

  function open(key: string, parent?: MockSession): MockSession {
    const name = canonical(key);
    const found = sessions.get(name);
    if (found) return found;
    const nowMs = clock.now();
    const session: MockSession = {
      key: name,
      agentId: parseSessionKey(name)?.agentId ?? defaultAgentId,
      sessionId: random.id(),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      settings: new Map(),
      parentKey: parent?.key,
      depth: parent ? parent.depth + 1 : 0,
      messages: [],
      inputTokens: 0,
      outputTokens: 0,
      contextTokens: 0,
      abortedLastRun: false,
    };
    sessions.set(name, session);
    return session;
  }

  const touch = (session: MockSession, reason: string): void => {
    session.updatedAtMs = clock.now();
    events.changed(session, session.key, reason);
  };

  return {
    canonical,
    open,
    touch,
    find: (key: string): MockSession | undefined => sessions.get(canonical(key)),
    /** Newest first; of two of one time the one that was opened later. */
    all: (): MockSession[] => [...sessions.values()].toReversed().toSorted((a, b) => b.updatedAtMs - a.updatedAtMs),
    append: (session: MockSession, message: TranscriptMessage, runId?: string): string => {
      const id = random.id();
      const messageSeq = session.messages.length + 1;
      const stored = { ...message, __openclaw: { id, seq: messageSeq, ...(runId === undefined ? {} : { runId }) } };
      session.messages.push({ id, message: stored });
      const { key: sessionKey, agentId } = session;
      events.message(session, { sessionKey, agentId, message: stored, messageId: id, messageSeq });
      touch(session, "message");
      return id;
    },
    set: (session: MockSession, settings: Settings): void => {
      for (const [name, value] of Object.entries(settings)) {
        if (value === undefined) continue;
        if (value === null) session.settings.delete(name);
        else session.settings.set(name, value);
      }
    },
    reset: (session: MockSession): void => {
      session.sessionId = random.id();
      session.messages = [];
      session.inputTokens = 0;
      session.outputTokens = 0;
      session.contextTokens = 0;
      session.abortedLastRun = false;
      touch(session, "reset");
    },
    remove: (session: MockSession): void => {
      sessions.delete(session.key);
      events.changed(undefined, session.key, "delete");
    },
  };
}

/** A session as lists show it. */
export function rowOf(session: MockSession, { titles = false, previews = false } = {}): SessionRow {
  const first = session.messages.find(({ message }) => message.role === "user")?.message;
  const last = session.messages.findLast(({ message }) => message.role === "assistant")?.message;
  return {
    ...entryOf(session),
    ...mockModel,
    ...modelOf(session),
    key: session.key,
    kind: sessionKindOf(session.key),
    agentId: session.agentId,
    ...(titles && first ? { derivedTitle: visibleText(first).slice(0, 60) } : {}),
    ...(previews && last ? { lastMessagePreview: visibleText(last).slice(0, 100) } : {}),
  };
}

/** A session as it is stored. */
export function entryOf(session: MockSession): SessionEntry {
  return {
    ...Object.fromEntries(session.settings),
    sessionId: session.sessionId,
    updatedAt: session.updatedAtMs,
    systemSent: session.messages.length > 0,
    abortedLastRun: session.abortedLastRun,
    inputTokens: session.inputTokens,
    outputTokens: session.outputTokens,
    totalTokens: session.contextTokens,
    ...(session.parentKey === undefined
      ? {}
      : { spawnedBy: session.parentKey, parentSessionKey: session.parentKey, spawnDepth: session.depth }),
  };
}

/** `provider/id` that was set for the session, else the default. */
export function modelOf(session: MockSession): { modelProvider: string; model: string } {
  const set = session.settings.get("model");
  if (typeof set !== "string") return { modelProvider: mockModel.modelProvider, model: mockModel.model };
  const [provider = "", ...rest] = set.split("/");
  return rest.length === 0
    ? { modelProvider: mockModel.modelProvider, model: set }
    : { modelProvider: provider, model: rest.join("/") };
}
