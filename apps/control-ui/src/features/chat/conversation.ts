import { isTerminal } from "@openclaw-gateway/browser-client";
import { type ChatEvent, type ChatHistory, type TranscriptMessage } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";
import { type Entry, hasEnding, mergeEntries, toEntries, toEntry } from "./entries.ts";
import { foldIntoRun, type LiveRun, startRun, stepRun } from "./live-run.ts";

/** Last words for a screen reader; a new id is a new announcement. */
export type Announcement = { id: string; text: string };

/** The open session. What is in the transcript comes from `entries`, what is not there yet from `runs`. */
export type Conversation = {
  /** Empty until a session is opened. */
  sessionKey: string;
  sessionId: string | undefined;
  load: "loading" | "ready" | { error: string };
  entries: readonly Entry[];
  /** Where older messages go on; undefined at the first one. */
  earlier: string | undefined;
  loadingEarlier: boolean | { error: string };
  runs: readonly LiveRun[];
  /** Runs whose last word was heard; late snapshots must not revive them. */
  endedRuns: readonly string[];
  announcement: Announcement | undefined;
};

export const initialConversation: Conversation = {
  sessionKey: "",
  sessionId: undefined,
  load: "loading",
  entries: [],
  earlier: undefined,
  loadingEarlier: false,
  runs: [],
  endedRuns: [],
  announcement: undefined,
};

const rememberedEndings = 50;

export function reduceConversation(state: Conversation, action: AppAction): Conversation {
  switch (action.type) {
    case "signed-out":
      return initialConversation;
    case "session-opened":
      return action.key === state.sessionKey ? state : { ...initialConversation, sessionKey: action.key };
    case "link-changed":
      return action.link.at === "waiting" && state.runs.length > 0
        ? { ...state, runs: state.runs.map((run) => ({ ...run, isStale: true })) }
        : state;
    case "history-requested":
      return action.key === state.sessionKey && state.load !== "ready" ? { ...state, load: "loading" } : state;
    case "history-loaded":
      return action.key === state.sessionKey ? withHistory(state, action.history) : state;
    case "history-failed":
      return action.key === state.sessionKey ? { ...state, load: { error: action.message } } : state;
    case "earlier-requested":
      return action.key === state.sessionKey ? { ...state, loadingEarlier: true } : state;
    case "earlier-loaded":
      return action.key === state.sessionKey ? withEarlier(state, action.history) : state;
    case "earlier-failed":
      return action.key === state.sessionKey ? { ...state, loadingEarlier: { error: action.message } } : state;
    case "message-appended": {
      const { sessionKey, message, messageId, messageSeq } = action.payload;
      return sessionKey === state.sessionKey
        ? withMessage(state, toEntry(message as TranscriptMessage, messageId, messageSeq))
        : state;
    }
    case "run-progressed":
      return action.payload.sessionKey === state.sessionKey ? withProgress(state, action.payload) : state;
    case "run-stepped": {
      const { sessionKey, runId, stream } = action.payload;
      if (sessionKey !== state.sessionKey || state.endedRuns.includes(runId)) return state;
      if (stream !== "reasoning" && stream !== "tool") return state;
      return withRun(state, runId, (run) => stepRun(run, action.payload));
    }
    default:
      return state;
  }
}

function withRun(state: Conversation, runId: string, change: (run: LiveRun) => LiveRun): Conversation {
  const known = state.runs.find((run) => run.runId === runId);
  const next = change(known ?? startRun(runId, state.sessionKey));
  return { ...state, runs: known ? state.runs.map((run) => (run === known ? next : run)) : [...state.runs, next] };
}

function withProgress(state: Conversation, event: ChatEvent): Conversation {
  const { runId } = event;
  if (state.endedRuns.includes(runId)) return state;
  const next = withRun(state, runId, (run) => foldIntoRun(run, event));
  const run = next.runs.find((candidate) => candidate.runId === runId);
  if (run === undefined || !isTerminal(run.fold)) return next;
  return settle({
    ...next,
    endedRuns: [...next.endedRuns, runId].slice(-rememberedEndings),
    announcement: { id: runId, text: announce(run) },
  });
}

function announce({ fold }: LiveRun): string {
  switch (fold.state) {
    case "error":
      return `The answer failed: ${fold.errorMessage ?? "unknown error"}`;
    case "aborted":
      return "The answer was stopped.";
    default:
      return fold.text;
  }
}

/** Ended runs stay only as long as the transcript does not tell the same. */
function settle(state: Conversation): Conversation {
  const runs = state.runs.filter(({ runId, fold }) => !isTerminal(fold) || !hasEnding(state.entries, runId));
  return runs.length === state.runs.length ? state : { ...state, runs };
}

function withMessage(state: Conversation, entry: Entry): Conversation {
  const entries = mergeEntries(state.entries, [entry]);
  if (entries === state.entries) return state;
  const { runId, message } = entry;
  // What the model call thought is part of the stored message now.
  const runs =
    message.role === "assistant"
      ? state.runs.map((run) => (run.runId === runId ? { ...run, reasoning: "" } : run))
      : state.runs;
  return settle({ ...state, entries, runs });
}

function withEarlier(state: Conversation, history: ChatHistory): Conversation {
  if (history.sessionId !== state.sessionId) return { ...state, loadingEarlier: false };
  const entries = mergeEntries(state.entries, toEntries(history.messages));
  return { ...state, entries, earlier: history.olderCursor, loadingEarlier: false };
}

function withHistory(state: Conversation, history: ChatHistory): Conversation {
  const page = toEntries(history.messages);
  // A reset session begins anew; otherwise events may have been faster than the page.
  const isSameTranscript = state.sessionId === undefined || state.sessionId === history.sessionId;
  const known = isSameTranscript ? state.entries : [];
  // After a long absence the page may begin beyond what is shown; what is shown must have no hole.
  const [first, last] = [page[0], page.at(-1)];
  const isConnected = first === undefined || known.some(({ seq }) => seq >= first.seq - 1);
  const entries = mergeEntries(page, isConnected ? known : known.filter(({ seq }) => seq > (last?.seq ?? 0)));
  const hasOlder = isConnected && first !== undefined && known.some(({ seq }) => seq < first.seq);
  const { inFlightRun } = history;
  const kept = state.runs.filter(({ runId, fold, isStale }) => {
    if (runId === inFlightRun?.runId) return true;
    // The page tells how a finished run ended; only a stop before the first word leaves no trace there.
    if (isTerminal(fold)) return fold.state !== "final" && !hasEnding(entries, runId);
    return !isStale && isSameTranscript;
  });
  const next: Conversation = {
    ...state,
    sessionId: history.sessionId,
    load: "ready",
    entries,
    earlier: hasOlder ? state.earlier : history.olderCursor,
    loadingEarlier: false,
    runs: kept,
  };
  if (inFlightRun === undefined || state.endedRuns.includes(inFlightRun.runId)) return settle(next);
  const { runId, text } = inFlightRun;
  return withRun(next, runId, (run) => {
    const isAhead = text.length > run.fold.text.length;
    return { ...run, isStale: false, fold: isAhead ? { ...run.fold, state: "streaming", text } : run.fold };
  });
}
