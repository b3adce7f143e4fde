import type { UserMessage } from "@openclaw-gateway/protocol";
import { TranscriptChangedError } from "../conversations/conversation-errors.ts";
import type { StoredRun } from "../conversations/conversation-store.ts";
import type { EventPlane } from "../events/plane.ts";
import type { Ended } from "./run-turn.ts";
import { startRun } from "./start-run.ts";
import { userMessage } from "./transcript-notes.ts";
import type { TurnDeps } from "./turns.ts";

/** Where a turn gets the runs from that it answers beside its own; what is taken waits no more. */
export type Joining = {
  /** Those that wait directly behind it and are of its kind. */
  alike(): StoredRun[];
  /** Those that came for the running turn. */
  steering(): StoredRun[];
};

/** Runs whose messages a turn answers beside its own; they end with it, in the same commit. */
export function createJoinedRuns(deps: Pick<TurnDeps, "conversations" | "clock">, sessionId: string) {
  const runs: StoredRun[] = [];
  return {
    get runs(): readonly StoredRun[] {
      return runs;
    },
    /** Puts their messages in the transcript, in order. One whose session is gone meanwhile has ended by that. */
    begin: async (added: readonly StoredRun[]): Promise<{ id: string; message: UserMessage }[]> => {
      const messages: { id: string; message: UserMessage }[] = [];
      for (const run of added) {
        try {
          const now = deps.clock.now();
          messages.push(...(await startRun(deps, run, sessionId, now, [userMessage(run, now)])));
        } catch (error) {
          if (error instanceof TranscriptChangedError) continue;
          throw error;
        }
        runs.push(run);
      }
      return messages;
    },
  };
}

/** The end of a joined run. The answer itself is told once, in the name of the run that led. */
export function tellJoined(
  plane: EventPlane,
  ended: Ended,
  { runId, sessionKey, requestedKey, agentId }: StoredRun,
): void {
  const run = { runId, sessionKey, agentId, seq: 1 };
  const to = { audience: { kind: "all" }, stream: { sessionKey, runId } } as const;
  switch (ended.type) {
    case "end":
      return plane.publish({ event: "chat", payload: { ...run, state: "final" }, ...to });
    case "aborted":
      return plane.publish({
        event: "chat",
        payload: { ...run, sessionKey: requestedKey, state: "aborted", stopReason: ended.stopReason },
        ...to,
      });
    case "error":
      return plane.publish({
        event: "chat",
        payload: { ...run, state: "error", errorMessage: ended.message, errorKind: ended.kind },
        ...to,
      });
    default:
      return ended satisfies never;
  }
}
