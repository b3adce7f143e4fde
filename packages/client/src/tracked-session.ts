import type { ChatEvent } from "@openclaw-gateway/protocol";

/**
 * Where a session stands. `spawning`: asked for, its run has not begun. `running`: a run is under way. `idle`: waits for a
 * message. `completed`: its task is done, or it was killed. `failed`: its last run failed.
 */
export type SessionStatus = "spawning" | "running" | "idle" | "completed" | "failed";

/** A session that a manager has begun or spoken to. Times are milliseconds since the epoch. */
export type TrackedSession = {
  readonly sessionKey: string;
  readonly sessionId: string | undefined;
  readonly status: SessionStatus;
  /** Of the last message, or of the task. */
  readonly runId: string | undefined;
  /** The run whose end is the end of the session's work. */
  readonly taskRunId: string | undefined;
  readonly spawnedAtMs: number;
  readonly lastActivityMs: number;
  /** Why it failed. */
  readonly error: string | undefined;
};

/** What an event makes of a session. */
export function afterChat(session: TrackedSession, event: ChatEvent, nowMs: number): TrackedSession {
  const { runId, state } = event;
  const active = { ...session, lastActivityMs: nowMs };
  switch (state) {
    case "status":
    case "delta":
      return { ...active, runId, status: "running" };
    case "final":
      // An earlier run may end while a later one waits.
      if (session.runId !== undefined && runId !== session.runId) return active;
      return { ...active, status: runId === session.taskRunId ? "completed" : "idle" };
    case "aborted":
      return { ...active, status: "completed" };
    case "error":
      return { ...active, status: "failed", error: event.errorMessage };
    default:
      // States of newer gateways say nothing we could act on.
      return active;
  }
}

/** Whether a session will do nothing more by itself. */
export const isOver = ({ status }: TrackedSession): boolean => status === "completed" || status === "failed";
