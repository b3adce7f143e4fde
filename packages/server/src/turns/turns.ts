import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import {
  type CallerStep,
  canonicalSessionKey,
  GatewayError,
  parseSessionKey,
  type RunSnapshot,
  sessionKindOf,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { RunInput, StoredRun } from "../conversations/conversation-store.ts";
import type { Conversations } from "../conversations/conversations.ts";
import type { EventPlane } from "../events/plane.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { CallerConnection } from "../rpc/handler.ts";
import type { Principal } from "../rpc/principal.ts";
import type { ExecPort } from "../runtime/exec-port.ts";
import type { AgentRuntime } from "../runtime/agent-runtime.ts";
import type { Budgets } from "../usage/budgets.ts";
import { answerRun } from "./answer-run.ts";
import { createBetweenTurns } from "./between-turns.ts";
import { isQueueMode, type QueueMode } from "./queue-mode.ts";
import { type ActiveRun, createRunRegistry, type RunOutcome } from "./run-registry.ts";
import { runTurn } from "./run-turn.ts";
import type { TurnGateways } from "./turn-gateway.ts";
import type { ResetConfig } from "./reset-policy.ts";
import { createSessionQueue } from "./session-queue.ts";
import { storedOutcome } from "./stored-outcome.ts";
import type { TurnWatch } from "./turn-watch.ts";
import { createUnrecorded } from "./unrecorded.ts";
import { interruptedNote } from "./transcript-notes.ts";

/** A run may be waited for as long as it takes; timers hold at most this. */
export const longestWaitMs = 2 ** 31 - 1;

/** The newest messages of a session among which those of an ended run are looked for. */
const remembered = 200;

export type TurnRequest = {
  runId: string;
  /** As the caller spelled it. */
  sessionKey: string;
  agentId?: string;
  input: RunInput;
  /** Who asked; without one the turn's tools cannot reach the gateway. */
  principal?: Principal;
} & Asker;

/** Who asked, as long as there is somebody who listens. */
export type Asker = {
  connection?: CallerConnection;
  /** Hears what the turn says while it says it; not after a restart. */
  onStep?(step: CallerStep): void;
};

export type AcceptedTurn =
  | { isNew: true; run: StoredRun; outcome: Promise<RunOutcome> }
  /** The id was used before: what became of it. */
  | { isNew: false; run: StoredRun };

/** Turns: accepted durably, queued per session, run, aborted, waited for, recovered. */
export interface Turns {
  /** Resolves when the message is on disk. The same run id again changes nothing. */
  accept(request: TurnRequest): Promise<AcceptedTurn>;
  /** The same for a message that the gateway answers itself, at once and whatever else runs, with the text that `write` gives. */
  answer(request: TurnRequest, write: () => Promise<string>): Promise<AcceptedTurn>;
  /** Stops runs of a session, one or all, waiting and running. Resolves after their last event. */
  abort(target: { sessionKey: string; runId?: string; stopReason: string }): Promise<string[]>;
  /** Does something to a session that must not meet one of its turns; stopped with the session's runs. */
  betweenTurns<T>(sessionKey: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** What became of a run, or undefined when it has not ended within `timeoutMs`. */
  wait(runId: string, timeoutMs: number, signal: AbortSignal): Promise<RunOutcome | undefined>;
  /** The run of a session that is under way, with its text so far. */
  inFlight(sessionKey: string): { runId: string; text: string; startedAt: number } | undefined;
  /** Every run of a session that has not ended, as its readers know it. */
  liveRuns(sessionKey: string): RunSnapshot[];
  /** A run of this life that has not ended, or ended lately. */
  known(runId: string): { run: StoredRun; snapshot: RunSnapshot } | undefined;
  /** Puts the work of the last life in order and lets turns start. */
  recover(): Promise<void>;
  /** Takes up runs that were stored although their callers were not told so, and ends those that nobody runs. */
  reconcile(): Promise<void>;
  /** Lets running turns finish within the budget, then marks the rest interrupted. */
  drain(budgetMs: number): Promise<void>;
  /** Hears of every run that has ended, after its end is on disk. */
  onEnd(listener: (run: StoredRun) => void): () => void;
  /** Whether a session has a run that waits or runs. */
  isBusy(sessionKey: string): boolean;
  /** Messages of a session that wait. */
  waiting(sessionKey: string): number;
  /** The same messages, the oldest first. The key is canonical. */
  pending(sessionKey: string): StoredRun[];
  counts(): { running: number; queued: number };
}

export type TurnDeps = {
  conversations: Conversations;
  runtime: AgentRuntime;
  plane: EventPlane;
  clock: Clock;
  log: Log;
  keys: () => SessionKeyDefaults;
  /** When sessions begin anew by themselves; asked with each turn. */
  resets: () => ResetConfig;
  budgets: Budgets;
  gatewayOf: TurnGateways;
  settings: { maxRunning: number; maxQueued: number; maxRunningSubagents: () => number };
  watch: TurnWatch;
  /** The way of a turn to commands of this machine. */
  execFor: (subject: { agentId: string; sessionKey: string }) => ExecPort;
};

export function createTurns(deps: TurnDeps): Turns {
  const { conversations, clock, log } = deps;
  const { maxRunning, maxQueued, maxRunningSubagents } = deps.settings;
  const queue = createSessionQueue({ maxRunning, maxQueued, maxRunningOf: { subagent: maxRunningSubagents } });
  const registry = createRunRegistry(clock);
  const between = createBetweenTurns(queue);
  const unrecorded = createUnrecorded(deps);
  /** Run ids between the commit and their place in the queue; resolves when they have it. */
  const admitting = new Map<string, Promise<void>>();
  let isDraining = false;
  // Nothing is accepted, waited for or stopped before the runs of the last life are in their places.
  const recovery = Promise.withResolvers<void>();
  recovery.promise.catch(() => undefined);

  async function recover(): Promise<void> {
    const { interrupted, queued } = await conversations.recoverRuns(clock.now(), (run) =>
      interruptedNote(run, clock.now()),
    );
    if (interrupted.length > 0)
      log.warn(
        { runs: interrupted.map(({ runId }) => runId) },
        "turns were cut by the last stop and are marked interrupted",
      );
    for (const run of queued) await takeUp(run);
    queue.release();
  }

  async function takeUp(run: StoredRun): Promise<void> {
    // What a command changed may be done or not; it is cheap to say again.
    if (run.input.source === "command")
      await conversations.finishRun(run.runId, { state: "interrupted", endedAt: clock.now() });
    else void enqueue(run, {});
  }

  async function reconcile(): Promise<void> {
    await recovery.promise;
    const isKnown = ({ runId }: StoredRun): boolean => registry.get(runId) !== undefined || admitting.has(runId);
    for (const run of await conversations.openRuns()) {
      // What ended in this life has its end written by others.
      if (isKnown(run) || registry.outcomeOf(run.runId)) continue;
      if (run.state === "queued") await takeUp(run);
      else await conversations.finishRun(run.runId, { state: "interrupted", endedAt: clock.now() });
    }
  }

  function enqueue(run: StoredRun, asker: Asker): Promise<RunOutcome> {
    const active = registry.add(run);
    const mode = modeOf(run);
    const joined: ActiveRun[] = [];
    const join = (runIds: readonly string[]): StoredRun[] => {
      const runs = runIds.map((runId) => registry.get(runId)).filter((entry) => entry !== undefined);
      for (const { signal } of runs)
        signal.addEventListener("abort", () => active.abort(String(signal.reason)), { once: true });
      joined.push(...runs);
      return runs.map((entry) => entry.run);
    };
    queue.add(run.sessionKey, {
      id: run.runId,
      mode,
      ...(run.input.source === "subagent" && { lane: run.input.source }),
      // Whoever waits in the queue runs in the context of who asked, not of who ended before.
      run: AsyncLocalStorage.bind(async () => {
        let outcome: RunOutcome;
        try {
          outcome = await runTurn(deps, run, active, asker, {
            alike: () => join(queue.takeAlike(run.sessionKey, mode)),
            steering: () => join(queue.takeSteering(run.sessionKey)),
          });
        } catch (error) {
          log.error({ runId: run.runId, err: error }, "a turn could not be recorded");
          outcome = unrecorded.end([run, ...joined.map((entry) => entry.run)], active.startedAt);
        }
        for (const each of [run, ...joined.map((entry) => entry.run)]) registry.finish(each.runId, outcome);
      }),
    });
    return active.outcome;
  }

  function checkRoom(): void {
    if (isDraining)
      throw new GatewayError("UNAVAILABLE", "the gateway is stopping", {
        retryable: true,
        retryAfterMs: 2_000,
        details: { reason: "gateway-restarting" },
      });
    if (queue.isFull)
      throw new GatewayError("UNAVAILABLE", "too many turns are waiting", {
        retryable: true,
        retryAfterMs: 1_000,
        details: { reason: "overloaded" },
      });
  }

  /** Commits the run before it is acknowledged. */
  async function admit({
    runId,
    sessionKey,
    agentId,
    input,
    principal,
  }: TurnRequest): Promise<{ isNew: boolean; run: StoredRun }> {
    await recovery.promise;
    // The same id twice at once, in one commit: without its place the first would look forgotten to the second.
    for (let first = admitting.get(runId); first; first = admitting.get(runId)) await first;
    const known = registry.get(runId)?.run ?? registry.outcomeOf(runId)?.run;
    if (known) return { isNew: false, run: (await conversations.run(runId)) ?? known };
    checkRoom();
    const keys = deps.keys();
    const key = canonicalSessionKey(sessionKey, keys);
    const now = clock.now();
    const run: StoredRun = {
      runId,
      sessionKey: key,
      requestedKey: sessionKey,
      agentId: agentId ?? parseSessionKey(key)?.agentId ?? keys.defaultAgentId,
      state: "queued",
      input: principal ? { ...input, causedBy: { id: principal.id, scopes: principal.scopes } } : input,
      queuedAt: now,
    };
    const settings = {
      chatType: "direct",
      origin: { provider: "webchat", surface: "webchat", chatType: "direct" },
      deliveryContext: { channel: "webchat" },
      lastChannel: "webchat",
    };
    const { promise: isPlaced, resolve: placed } = Promise.withResolvers<void>();
    admitting.set(runId, isPlaced);
    try {
      const { existing } = await conversations.acceptRun(run, {
        kind: sessionKindOf(key),
        sessionId: randomUUID(),
        now,
        settings,
      });
      // Accepted before, but the answer was lost with the writer: it starts now.
      const isForgotten = existing?.state === "queued" && !registry.get(runId) && !registry.outcomeOf(runId);
      return existing && !isForgotten ? { isNew: false, run: existing } : { isNew: true, run: existing ?? run };
    } finally {
      // The caller puts the run in its place before whoever waits for that goes on.
      queueMicrotask(() => {
        admitting.delete(runId);
        placed();
      });
    }
  }

  /** Makes way for a run that does not wait for others. */
  function makeWay({ runId, sessionKey, input }: StoredRun): void {
    if (input.startsFresh) {
      const others = registry
        .ofSession(sessionKey)
        .filter(({ run }) => run.runId !== runId && run.input.source !== "command");
      stop(others, "reset").catch((error: unknown) =>
        log.error({ runId, err: error }, "what ran before a new session could not be stopped"),
      );
    } else if (modeOf({ input }) === "interrupt") {
      const running = queue.runningOf(sessionKey);
      if (running !== undefined && running !== runId) registry.get(running)?.abort("interrupted");
    }
  }

  async function stop(active: readonly ActiveRun[], stopReason: string): Promise<void> {
    // The newest first: an aborted run must not make room for one that is about to be aborted too.
    for (const { run, abort } of [...active].reverse()) {
      if (!queue.remove(run.sessionKey, run.runId)) abort(stopReason);
      else await abandon(run, stopReason);
    }
    await Promise.all(active.map(({ outcome }) => outcome));
  }

  return {
    accept: async (request) => {
      const { isNew, run } = await admit(request);
      if (!isNew) return { isNew, run };
      const outcome = enqueue(run, request);
      makeWay(run);
      return { isNew, run, outcome };
    },

    answer: async (request, write) => {
      const { isNew, run } = await admit({ ...request, input: { ...request.input, source: "command" } });
      if (!isNew) return { isNew, run };
      const { outcome } = registry.add(run);
      void answerRun(deps, run, write).then((ended) => registry.finish(run.runId, ended));
      return { isNew, run, outcome };
    },

    abort: async ({ sessionKey, runId, stopReason }) => {
      await recovery.promise;
      const key = canonicalSessionKey(sessionKey, deps.keys());
      const active =
        runId === undefined
          ? registry.ofSession(key).filter(({ run }) => run.input.source !== "command")
          : [registry.get(runId)].filter((entry) => entry !== undefined);
      const other = active.find(({ run }) => run.sessionKey !== key);
      if (other) throw new GatewayError("INVALID_REQUEST", "runId does not match sessionKey");
      await Promise.all([stop(active, stopReason), ...(runId === undefined ? [between.stopOf(key)] : [])]);
      return active.map(({ run }) => run.runId);
    },

    betweenTurns: async (sessionKey, work) => {
      await recovery.promise;
      checkRoom();
      return between.run(canonicalSessionKey(sessionKey, deps.keys()), work);
    },

    wait: (runId, timeoutMs, signal) => waitFor(runId, timeoutMs, signal),

    inFlight: (sessionKey) => {
      const active = registry.ofSession(sessionKey).find(({ startedAt }) => startedAt !== undefined);
      return active?.startedAt === undefined
        ? undefined
        : { runId: active.run.runId, text: active.text(), startedAt: active.startedAt };
    },

    liveRuns: (sessionKey) => registry.ofSession(sessionKey).map(snapshotOf),

    known: (runId) => {
      const active = registry.get(runId);
      if (active) return { run: active.run, snapshot: snapshotOf(active) };
      const ended = registry.outcomeOf(runId);
      if (!ended) return undefined;
      const { state, error, payloads } = ended.outcome;
      const text = payloads[0]?.text ?? "";
      const snapshot = { runId, state, text, reasoning: "", tools: [], ...(error !== undefined && { error }) };
      return { run: ended.run, snapshot };
    },

    recover: () => {
      recover().then(recovery.resolve, recovery.reject);
      return recovery.promise;
    },

    reconcile,

    drain: async (budgetMs) => {
      isDraining = true;
      unrecorded.stop();
      queue.hold();
      const isUnderway = ({ startedAt, run }: ActiveRun): boolean =>
        startedAt !== undefined || run.input.source === "command";
      const running = registry.all().filter(isUnderway);
      const late = new Promise<void>((resolve) => void clock.at(clock.now() + budgetMs, resolve));
      await Promise.race([Promise.all([between.settled(), ...running.map(({ outcome }) => outcome)]), late]);
      const left = registry.all().filter(isUnderway);
      for (const { abort } of left) abort("shutdown");
      await Promise.all([between.stopAll(), ...left.map(({ outcome }) => outcome)]);
    },

    onEnd: registry.onEnd,

    isBusy: (sessionKey) => registry.ofSession(sessionKey).length > 0,

    waiting: (sessionKey) => queue.waiting(canonicalSessionKey(sessionKey, deps.keys())),

    pending: (sessionKey) =>
      registry
        .ofSession(sessionKey)
        .filter(({ startedAt, run }) => startedAt === undefined && run.input.source !== "command")
        .map(({ run }) => run),

    counts: () => ({ running: queue.running, queued: queue.queued }),
  };

  /** Ends a run that never started. */
  async function abandon(run: StoredRun, stopReason: string): Promise<void> {
    const endedAt = clock.now();
    await conversations.finishRun(run.runId, { state: "aborted", endedAt, stopReason });
    const { runId, sessionKey, requestedKey, agentId } = run;
    deps.plane.publish({
      event: "chat",
      payload: { runId, sessionKey: requestedKey, agentId, seq: 1, state: "aborted", stopReason },
      audience: { kind: "all" },
      stream: { sessionKey, runId },
    });
    registry.finish(runId, { state: "aborted", stopReason, payloads: [], startedAt: undefined, endedAt });
  }

  async function waitFor(runId: string, timeoutMs: number, signal: AbortSignal): Promise<RunOutcome | undefined> {
    await recovery.promise;
    const finished = registry.outcomeOf(runId);
    if (finished) return finished.outcome;
    if (!registry.get(runId)) {
      const stored = await conversations.run(runId);
      if (stored && stored.state !== "queued" && stored.state !== "running") {
        const session = await conversations.session(stored.sessionKey);
        const recent = session ? await conversations.history(session.sessionId, { limit: remembered }) : [];
        return storedOutcome({ ...stored, state: stored.state }, recent, clock.now());
      }
    }
    // It may have ended while the store was asked.
    const meanwhile = registry.outcomeOf(runId);
    if (meanwhile) return meanwhile.outcome;
    if (timeoutMs === 0) return undefined;
    const { promise, resolve } = Promise.withResolvers<RunOutcome | undefined>();
    // The signal lives as long as the caller's connection, which may wait for thousands of runs.
    const giveUp = (): void => resolve(undefined);
    signal.addEventListener("abort", giveUp, { once: true });
    const cancel = clock.at(clock.now() + timeoutMs, giveUp);
    const forget = registry.whenEnded(runId, resolve);
    const outcome = await promise;
    forget();
    cancel();
    signal.removeEventListener("abort", giveUp);
    return outcome;
  }
}

const snapshotOf = ({ run, startedAt, snapshot }: ActiveRun): RunSnapshot => ({
  runId: run.runId,
  ...(startedAt === undefined ? { state: "queued" } : { state: "running", startedAt }),
  ...snapshot(),
});

const modeOf = ({ input }: Pick<StoredRun, "input">): QueueMode =>
  isQueueMode(input.queueMode) && !input.startsFresh ? input.queueMode : "queue";
