import type { SessionRow } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

export type Sessions = {
  load: "loading" | "ready" | { error: string };
  /** Newest first. */
  rows: readonly SessionRow[];
  hasMore: boolean;
  /** Canonical keys of sessions that are answering now, with their runs. */
  running: Readonly<Record<string, readonly string[]>>;
};

export const initialSessions: Sessions = { load: "loading", rows: [], hasMore: false, running: {} };

export function reduceSessions(state: Sessions, action: AppAction): Sessions {
  switch (action.type) {
    case "signed-out":
      return initialSessions;
    case "sessions-loaded":
      return { ...state, load: "ready", rows: newestFirst(action.rows), hasMore: action.hasMore };
    case "sessions-failed":
      return { ...state, load: { error: action.message } };
    case "session-changed":
      return changed(state, action.payload);
    case "run-progressed":
      return progressed(state, action.payload);
    case "link-changed":
      // What ran may have ended unseen; the next event of a run shows it again.
      return action.link.at === "waiting" && Object.keys(state.running).length > 0 ? { ...state, running: {} } : state;
    default:
      return state;
  }
}

const newestFirst = (rows: readonly SessionRow[]): SessionRow[] => rows.toSorted((a, b) => b.updatedAt - a.updatedAt);

function changed(
  state: Sessions,
  { sessionKey, session }: Extract<AppAction, { type: "session-changed" }>["payload"],
): Sessions {
  const known = state.rows.find(({ key }) => key === sessionKey);
  const others = state.rows.filter(({ key }) => key !== sessionKey);
  if (session === undefined) return known ? { ...state, rows: others } : state;
  // Events may leave out what lists compute.
  const row = { ...session };
  if (known?.sessionId === session.sessionId) {
    row.derivedTitle ??= known.derivedTitle;
    row.lastMessagePreview ??= known.lastMessagePreview;
  }
  return { ...state, rows: newestFirst([row, ...others]) };
}

function progressed(state: Sessions, event: Extract<AppAction, { type: "run-progressed" }>["payload"]): Sessions {
  const { sessionKey, runId } = event;
  const runs = state.running[sessionKey] ?? [];
  const isUnderway = event.state === "status" || event.state === "delta";
  if (runs.includes(runId) === isUnderway) return state;
  const next = isUnderway ? [...runs, runId] : runs.filter((id) => id !== runId);
  const { [sessionKey]: _, ...others } = state.running;
  return { ...state, running: next.length > 0 ? { ...others, [sessionKey]: next } : others };
}
