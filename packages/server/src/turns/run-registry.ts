import type { CallerCall, Usage } from "@openclaw-gateway/protocol";
import type { StoredRun } from "../conversations/conversation-store.ts";
import type { Clock } from "../platform/clock.ts";
import type { TurnErrorKind } from "../runtime/agent-runtime.ts";
import type { LiveTool } from "./live-tools.ts";

/** How a run ended. Times are milliseconds since the epoch. */
export type RunOutcome = {
  state: "done" | "failed" | "aborted" | "interrupted";
  error?: string;
  errorKind?: TurnErrorKind;
  /** What stopped it, or `length` or `tool_calls` when that is how it came to its own end. */
  stopReason?: string;
  /** Tools of the caller that its last answer called. */
  calls?: readonly CallerCall[];
  /** The last answer, for callers that wait for it. */
  payloads: { text: string; mediaUrl: null }[];
  model?: { provider: string; id: string };
  sessionId?: string;
  /** Tokens of all its model calls, when there was one. */
  usage?: Pick<Usage, "input" | "output" | "cacheRead" | "cacheWrite">;
  startedAt: number | undefined;
  endedAt: number;
};

/** A run that has not ended. `startedAt` is set when its turn begins. */
export type ActiveRun = {
  run: StoredRun;
  startedAt: number | undefined;
  outcome: Promise<RunOutcome>;
  abort(stopReason: string): void;
  /** Aborts with the stop reason as its reason. */
  signal: AbortSignal;
  text(): string;
  /** What somebody needs who joins now. */
  snapshot(): { text: string; reasoning: string; tools: LiveTool[] };
};

/** How long and how many ended runs are remembered for `agent.wait` and repeated ids; older ones are read from the store. */
const rememberMs = 600_000;
const maxRemembered = 1_000;

/** The runs of this life: what waits, what runs, what ended lately. */
export function createRunRegistry(clock: Clock) {
  const active = new Map<string, ActiveRun & { resolve(outcome: RunOutcome): void }>();
  const ended = new Map<string, { run: StoredRun; outcome: RunOutcome }>();
  const listeners = new Set<(run: StoredRun) => void>();
  const waitingForEnd = new Map<string, Set<(outcome: RunOutcome) => void>>();

  function forgetOld(): void {
    const limit = clock.now() - rememberMs;
    for (const [runId, { outcome }] of ended) {
      if (ended.size <= maxRemembered && outcome.endedAt > limit) return;
      ended.delete(runId);
    }
  }

  return {
    add: (run: StoredRun): ActiveRun => {
      const { promise, resolve } = Promise.withResolvers<RunOutcome>();
      const controller = new AbortController();
      const entry = {
        run,
        startedAt: undefined,
        outcome: promise,
        resolve,
        abort: (stopReason: string) => controller.abort(stopReason),
        signal: controller.signal,
        text: () => "",
        snapshot: () => ({ text: "", reasoning: "", tools: [] }),
      };
      active.set(run.runId, entry);
      return entry;
    },
    get: (runId: string): ActiveRun | undefined => active.get(runId),
    all: (): ActiveRun[] => [...active.values()],
    ofSession: (sessionKey: string): ActiveRun[] =>
      [...active.values()].filter(({ run }) => run.sessionKey === sessionKey),
    outcomeOf: (runId: string) => ended.get(runId),
    onEnd: (listener: (run: StoredRun) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    finish: (runId: string, outcome: RunOutcome): void => {
      const entry = active.get(runId);
      if (!entry) return;
      active.delete(runId);
      ended.set(runId, { run: entry.run, outcome });
      forgetOld();
      entry.resolve(outcome);
      for (const listener of listeners) listener(entry.run);
      for (const listener of waitingForEnd.get(runId) ?? []) listener(outcome);
    },
    /** Hears the end of one run, also of one that has not been added yet. */
    whenEnded: (runId: string, listener: (outcome: RunOutcome) => void): (() => void) => {
      let waiting = waitingForEnd.get(runId);
      if (!waiting) waitingForEnd.set(runId, (waiting = new Set()));
      waiting.add(listener);
      return () => {
        waiting.delete(listener);
        if (waiting.size === 0) waitingForEnd.delete(runId);
      };
    },
  };
}
