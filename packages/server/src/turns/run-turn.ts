import { randomUUID } from "node:crypto";
import type { CallerStep, StopReason, TranscriptMessage, UserMessage } from "@openclaw-gateway/protocol";
import { hasScope } from "@openclaw-gateway/protocol";
import type {
  CallerRequest,
  NewMessage,
  RunState,
  SessionTouch,
  StoredRun,
  StoredSession,
} from "../conversations/conversation-store.ts";
import { modelContext } from "../conversations/model-context.ts";
import { chosenModel } from "../conversations/session-row.ts";
import type { Clock } from "../platform/clock.ts";
import type { Compaction, ModelRef, Turn, TurnEvent } from "../runtime/agent-runtime.ts";
import { budgetKeysOf } from "../usage/budgets.ts";
import { createUsageAccount } from "../usage/usage-account.ts";
import type { UsageDelta } from "../usage/usage-store.ts";
import { askedByCaller } from "./caller-messages.ts";
import { emptySession } from "./empty-session.ts";
import { createLargeResults, type LightEvent } from "./large-results.ts";
import { createJoinedRuns, type Joining, tellJoined } from "./joined-runs.ts";
import { findWritten, startRun } from "./start-run.ts";
import { patiently } from "./patiently.ts";
import type { ActiveRun, RunOutcome } from "./run-registry.ts";
import { gatewayMessage, userMessage } from "./transcript-notes.ts";
import { isStale, resetPolicy } from "./reset-policy.ts";
import { createTurnStream, type ToolAudience, type TurnStream } from "./turn-stream.ts";
import type { Asker, TurnDeps } from "./turns.ts";

/** How long an aborted runtime may take to let go before the next turn of the session starts without it. */
const letGoMs = 2_000;

export type Ended = Extract<TurnEvent, { type: "end" } | { type: "error" }> | { type: "aborted"; stopReason: string };

/** Runs one accepted turn to its end: user message, model and tools, transcript, events, run row. */
export async function runTurn(
  deps: TurnDeps,
  run: StoredRun,
  active: ActiveRun,
  { connection, onStep }: Asker,
  joining: Joining,
): Promise<RunOutcome> {
  const { conversations, clock, plane, runtime, log } = deps;
  const { runId, sessionKey, agentId } = run;
  const session = await sessionFor(deps, run);
  if (!session) {
    const endedAt = clock.now();
    await conversations.finishRun(runId, { state: "aborted", endedAt });
    return { state: "aborted", payloads: [], startedAt: undefined, endedAt };
  }
  const startedAt = clock.now();
  active.startedAt = startedAt;
  const { sessionId } = session;
  const { caller } = run.input;
  const { asked, before } = caller
    ? await askedByCaller(conversations, session, caller, { runId, now: startedAt })
    : { asked: [userMessage(run, startedAt)], before: [] };
  await startRun(deps, run, sessionId, startedAt, asked, before);
  const joined = createJoinedRuns(deps, sessionId);
  await joined.begin(joining.alike());

  const stream = createTurnStream(
    { plane, clock },
    { runId, sessionKey, sessionId, agentId, toolAudience: toolAudience(session, connection) },
  );
  active.text = () => stream.text;
  active.snapshot = stream.snapshot;
  stream.status("preparing_context");
  stream.lifecycle("start", { startedAt });

  const budgetKeys = budgetKeysOf(session.settings);
  const purse = await deps.budgets.purse(budgetKeys);
  // Not before the account on disk has what this turn spent.
  void active.outcome.then(purse.close);
  const record = createRecord(run, sessionId, clock, budgetKeys);
  const cancelTimeout = startTimeout(deps, run, active);
  const history = await modelContext(conversations, session);
  for (const { id, message } of history) record.remember(id, message);
  const lighten = createLargeResults();
  const append = async (written: readonly NewMessage[]): Promise<void> => {
    const touch = { ...record.touch(), now: clock.now(), usage: { runId, deltas: record.usage() } };
    await patiently(
      clock,
      () => conversations.append(sessionKey, sessionId, written, touch),
      () => findWritten(conversations, sessionId, written),
    );
    stream.stored(written);
  };
  const summarise = async ({ message, firstKept }: Compaction) => {
    const firstKeptId = record.idOf(firstKept);
    if (firstKeptId === undefined) throw new Error("a summary that keeps an unknown message");
    const summary = { before: record.release(), mark: { id: randomUUID(), runId, message }, firstKeptId };
    const usage = { runId, deltas: record.usage() };
    await conversations.summarise(sessionKey, sessionId, summary, { ...record.touch(), now: clock.now(), usage });
    stream.stored(summary.before);
  };
  const steering = {
    take: async (): Promise<UserMessage[]> => {
      const runs = active.signal.aborted ? [] : joining.steering();
      if (runs.length === 0) return [];
      // What the model was answered comes before what the person said next.
      const written = record.release();
      if (written.length > 0) await append(written);
      const begun = await joined.begin(runs);
      for (const { id, message } of begun) record.remember(id, message);
      return begun.map(({ message }) => message);
    },
  };
  const attachments = [run, ...joined.runs].flatMap(({ input }) => input.attachments ?? []);
  const overspent = new AbortController();
  const stop = budgetKeys.length > 0 ? AbortSignal.any([active.signal, overspent.signal]) : active.signal;
  const over = new AbortController();
  void active.outcome.then(() => over.abort());
  const gateway = deps.gatewayOf(run, session, AbortSignal.any([stop, over.signal]));
  const turn = {
    ...toTurn(
      run,
      session,
      history.map(({ message }) => message),
    ),
    attachments,
    steering,
    ...(budgetKeys.length > 0 && { mustBePriced: true as const }),
    ...(gateway && { gateway }),
    ...(mayRunCommands(run) && { exec: deps.execFor({ agentId, sessionKey }) }),
  };
  stream.status("starting_model");
  const refused = emptyPurse(purse.problem);
  const watched = deps.watch.begin(run);
  const take = async (event: TurnEvent): Promise<Ended | undefined> => {
    watched.event(event);
    const cut = isPaidFor(event) ? undefined : emptyPurse(purse.problem);
    if (cut) {
      overspent.abort();
      return cut;
    }
    if (event.type === "usage") purse.spend(event.usage, event.isUnpriced ?? false);
    const step = onStep && toStep(event);
    if (step) onStep?.(step);
    const written = record.take(await lighten(event), stream);
    if (event.type === "compaction-end" && event.done) await summarise(event.done);
    else if (written.length > 0) await append(written);
    return undefined;
  };
  const ended = refused ?? (await consume(runtime.run(turn, stop), active.signal, clock, take));
  cancelTimeout();

  const endedAt = clock.now();
  const state = stateOf(ended);
  watched.end(state, ended);
  // A session deleted under the run has no place for its last words.
  const isKept = (await conversations.session(sessionKey))?.sessionId === sessionId;
  const partial =
    ended.type === "aborted"
      ? record.partial(stream, endedAt, state === "interrupted" ? "interrupted" : "aborted")
      : [];
  const last = [...record.pending(), ...partial, ...record.failure(ended, stream, endedAt)];
  const error = ended.type === "error" ? ended.message : undefined;
  const stopReason = ended.type === "error" || ended.stopReason === "stop" ? undefined : ended.stopReason;
  const calls = "calls" in ended ? ended.calls : [];
  const end = {
    state,
    endedAt,
    usage: record.usage(),
    joined: joined.runs.map((each) => each.runId),
    ...(error !== undefined && { error }),
    ...(stopReason !== undefined && { stopReason }),
  };
  const touch = { ...record.touch(), abortedLastRun: state === "aborted", now: endedAt };
  // A run that has ended takes nothing more, so the same end may be written twice.
  await patiently(clock, () =>
    conversations.finishRun(runId, end, isKept ? { key: sessionKey, sessionId, messages: last, touch } : undefined),
  );
  if (error !== undefined) log.warn({ runId, sessionKey, error }, "a turn failed");
  if (calls.length > 0) onStep?.({ type: "calls", calls: [...calls] });
  tellEnd(stream, ended, run, startedAt, endedAt);
  for (const each of joined.runs) tellJoined(plane, ended, each);
  const text = stream.text;
  return {
    state,
    ...(ended.type === "error" && { error: ended.message, errorKind: ended.kind }),
    ...(stopReason !== undefined && { stopReason }),
    ...(calls.length > 0 && { calls }),
    payloads: text === "" ? [] : [{ text, mediaUrl: null }],
    ...(record.model() && { model: record.model()! }),
    ...(record.used() && { usage: record.used()! }),
    sessionId,
    startedAt,
    endedAt,
  };
}

/** The session a turn runs in: a new one when the message asks for it, or when the old one has had its time. */
async function sessionFor(
  deps: TurnDeps,
  { sessionKey, input, queuedAt }: StoredRun,
): Promise<StoredSession | undefined> {
  if (input.startsFresh) return emptySession(deps, sessionKey);
  const session = await deps.conversations.session(sessionKey);
  const isAsked = ["chat", "agent", "api"].includes(input.source) && !input.caller?.continues;
  if (!session || !isAsked || session.messageCount === 0 || session.settings["spawnedBy"] !== undefined) return session;
  const channel = session.settings["lastChannel"];
  const policy = resetPolicy(deps.resets(), {
    key: sessionKey,
    channel: typeof channel === "string" ? channel : undefined,
  });
  return isStale(policy, session, queuedAt) ? emptySession(deps, sessionKey) : session;
}

/**
 * Reads the runtime's events until the end, or until the abort: then at once, while the runtime is given a while to let
 * go so that two turns of a session never overlap.
 */
async function consume(
  events: AsyncIterable<TurnEvent>,
  signal: AbortSignal,
  clock: Clock,
  take: (event: TurnEvent) => Promise<Ended | undefined>,
): Promise<Ended> {
  const iterator = events[Symbol.asyncIterator]();
  const { promise: aborted, resolve } = Promise.withResolvers<"aborted">();
  if (signal.aborted) resolve("aborted");
  signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  for (;;) {
    const next = iterator.next();
    const first = await Promise.race([next, aborted]);
    if (first === "aborted") {
      await letGo(iterator, next, clock);
      return { type: "aborted", stopReason: typeof signal.reason === "string" ? signal.reason : "rpc" };
    }
    if (first.done) return { type: "error", kind: "unknown", message: "the agent stopped without an answer" };
    const event = first.value;
    if (event.type === "error" || event.type === "end") {
      // It stands at its last word: only now it drops its timers and listeners. Nothing waits for that.
      iterator.return?.().catch(() => undefined);
      if (event.type === "error") return event;
      return event.stopReason === "aborted" ? { type: "aborted", stopReason: "rpc" } : event;
    }
    const cut = await take(event);
    if (!cut) continue;
    await letGo(iterator, Promise.resolve(), clock);
    return cut;
  }
}

const emptyPurse = (message: string | undefined): Ended | undefined =>
  message === undefined ? undefined : { type: "error", kind: "unknown", message };

/** What comes of a model call that has been made; anything else leads to a tool or the next call. */
const isPaidFor = ({ type }: TurnEvent): boolean => ["usage", "message", "compaction-end"].includes(type);

async function letGo(iterator: AsyncIterator<TurnEvent>, next: Promise<unknown>, clock: Clock): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.at(clock.now() + letGoMs, resolve);
  const done = next.then(
    () => iterator.return?.(),
    () => undefined,
  );
  await Promise.race([done, late]);
  cancel();
}

/** What the transcript and the session row will say of the turn. */
function createRecord(run: StoredRun, sessionId: string, clock: Clock, budgets: readonly string[]) {
  let held: NewMessage[] = [];
  let model: ModelRef | undefined;
  let touch: SessionTouch = {};
  let used: RunOutcome["usage"];
  const account = createUsageAccount({ agentId: run.agentId, sessionKey: run.sessionKey, sessionId }, { budgets });
  /** Ids of the messages that the runtime knows. */
  const ids = new Map<TranscriptMessage, string>();
  const asNew = (message: TranscriptMessage): NewMessage => {
    const id = randomUUID();
    ids.set(message, id);
    return { id, runId: run.runId, message };
  };

  return {
    remember: (id: string, message: TranscriptMessage): void => void ids.set(message, id),
    idOf: (message: TranscriptMessage): string | undefined => ids.get(message),
    /** Tells the stream and returns what is final enough to be written now. */
    take: ({ event, apart, original }: LightEvent, stream: TurnStream): NewMessage[] => {
      switch (event.type) {
        case "model":
          model = event.model;
          stream.lifecycle("model", { provider: event.model.provider, model: event.model.id });
          return [];
        case "text":
          stream.addText(event.delta);
          return [];
        case "reasoning":
          stream.addReasoning(event.delta);
          return [];
        case "tool-start":
          stream.tool({ phase: "start", name: event.name, toolCallId: event.toolCallId, args: event.args });
          return [];
        case "tool-update":
          stream.tool({
            phase: "update",
            name: event.name,
            toolCallId: event.toolCallId,
            partialResult: event.partialResult,
          });
          return [];
        case "tool-end":
          if (model) account.tool(model, clock.now());
          stream.tool({
            phase: "result",
            name: event.name,
            toolCallId: event.toolCallId,
            ...(event.meta !== undefined && { meta: event.meta }),
            isError: event.isError,
            result: event.result,
          });
          return [];
        case "message": {
          stream.finishPart();
          const before = held;
          // The last message waits for the end of the run, so that both are one commit.
          const fresh = asNew(event.message);
          // The runtime knows it as it was.
          if (original.type === "message") ids.set(original.message, fresh.id);
          held = [{ ...fresh, ...(apart.length > 0 && { apart }) }];
          return before;
        }
        case "usage": {
          const { usage } = event;
          used = {
            input: (used?.input ?? 0) + usage.input,
            output: (used?.output ?? 0) + usage.output,
            cacheRead: (used?.cacheRead ?? 0) + usage.cacheRead,
            cacheWrite: (used?.cacheWrite ?? 0) + usage.cacheWrite,
          };
          account.call(event.model, usage, clock.now(), event.isUnpriced);
          touch = {
            inputTokens: (touch.inputTokens ?? 0) + usage.input,
            outputTokens: (touch.outputTokens ?? 0) + usage.output,
            totalTokens: event.contextTokens ?? usage.input + usage.cacheRead + usage.cacheWrite,
            modelProvider: event.model.provider,
            model: event.model.id,
          };
          return [];
        }
        case "compaction-start":
          stream.compaction("start", { reason: event.reason });
          return [];
        case "compaction-end":
          stream.compaction("end", {
            willRetry: event.willRetry,
            completed: event.done !== undefined,
            ...(event.done && {
              tokensBefore: event.done.message.tokensBefore,
              tokensAfter: event.done.message.tokensAfter,
            }),
            ...(event.problem !== undefined && { problem: event.problem }),
          });
          return [];
        case "retry":
          stream.dropPart();
          return [];
        case "fallback":
          stream.dropPart();
          stream.lifecycle("fallback_step", {
            fallbackStepFromModel: `${event.from.provider}/${event.from.id}`,
            fallbackStepToModel: `${event.to.provider}/${event.to.id}`,
            fallbackStepFromFailureReason: event.reason,
          });
          return [];
        default:
          return [];
      }
    },
    touch: (): SessionTouch => touch,
    usage: (): UsageDelta[] => account.drain(),
    model: (): ModelRef | undefined => model,
    used: (): RunOutcome["usage"] => used,
    pending: (): NewMessage[] => held,
    /** What was held back, because something comes after it. */
    release: (): NewMessage[] => {
      const released = held;
      held = [];
      return released;
    },
    /** The text of the model call that an abort cut off. */
    partial: (stream: TurnStream, now: number, stopReason: StopReason): NewMessage[] => {
      const text = stream.currentText;
      return text === "" ? [] : [asNew(gatewayMessage(text, now, { stopReason, model }))];
    },
    /** A failed call leaves what it had said, and why it failed. */
    failure: (ended: Ended, stream: TurnStream, now: number): NewMessage[] => {
      if (ended.type !== "error") return [];
      const failed = ended.model ?? model;
      if (failed) account.failure(failed, now);
      return [
        asNew(
          gatewayMessage(stream.currentText, now, { stopReason: "error", model: failed, errorMessage: ended.message }),
        ),
      ];
    },
  };
}

function tellEnd(stream: TurnStream, ended: Ended, run: StoredRun, startedAt: number, endedAt: number): void {
  switch (ended.type) {
    case "end":
      return stream.end(
        { state: "final", ...(ended.stopReason !== "stop" && { stopReason: ended.stopReason }) },
        { startedAt, endedAt },
      );
    case "aborted":
      // `agent` runs that meet their time limit end with what they have, as recorded.
      if (ended.stopReason === "timeout")
        return stream.end({ state: "final", stopReason: "timeout" }, { startedAt, endedAt, aborted: true });
      return stream.end(
        { state: "aborted", stopReason: ended.stopReason, sessionKey: run.requestedKey },
        { startedAt, endedAt, aborted: true, stopReason: ended.stopReason },
      );
    case "error":
      return stream.end(
        { state: "error", errorMessage: ended.message, errorKind: ended.kind },
        { startedAt, endedAt, error: ended.message },
      );
    default:
      return ended satisfies never;
  }
}

function stateOf(ended: Ended): Exclude<RunState, "queued" | "running"> {
  if (ended.type === "error") return "failed";
  if (ended.type === "end") return "done";
  return ended.stopReason === "shutdown" ? "interrupted" : "aborted";
}

/** Runs of `agent`, of sub-agents and of callers have a limit that stops them; the one of `chat.send` is recorded to let the run go on. */
function startTimeout({ clock }: TurnDeps, { input }: StoredRun, active: ActiveRun): () => void {
  if (!["agent", "subagent", "api"].includes(input.source) || !input.timeoutMs) return () => {};
  return clock.at(clock.now() + input.timeoutMs, () => active.abort("timeout"));
}

function toolAudience(session: StoredSession, connection: Asker["connection"]): ToolAudience {
  const nobody: ReadonlySet<string> = new Set();
  if (!connection?.caps.has("tool-events")) return { everything: nobody, withoutResults: nobody };
  const ids = new Set([connection.id]);
  const verbose = session.settings["verboseLevel"];
  if (!connection.toolEventsFollowVerbose || verbose === "full") return { everything: ids, withoutResults: nobody };
  return { everything: nobody, withoutResults: verbose === "on" ? ids : nobody };
}

/** What a caller who follows the turn is told of an event. */
function toStep(event: TurnEvent): CallerStep | undefined {
  switch (event.type) {
    case "text":
    case "reasoning":
      return event;
    case "retry":
    case "fallback":
      return { type: "part-void" };
    case "message":
      return event.message.role === "assistant" ? { type: "part-end" } : undefined;
    default:
      return undefined;
  }
}

/** Commands run in the name of somebody who may write; a turn in nobody's name runs none. */
const mayRunCommands = ({ input: { causedBy } }: StoredRun): boolean =>
  causedBy !== undefined && hasScope(causedBy.scopes, "operator.write");

function toTurn(run: StoredRun, session: StoredSession, history: TranscriptMessage[]): Turn {
  const { input } = run;
  const thinking = input.thinking ?? session.settings["thinkingLevel"];
  const model = input.model ?? chosenModel(session);
  return {
    runId: run.runId,
    sessionKey: run.sessionKey,
    sessionId: session.sessionId,
    agentId: run.agentId,
    history,
    attachments: [],
    ...(model !== undefined && { model }),
    ...(typeof thinking === "string" && { thinking }),
    ...(input.source === "subagent" && input.timeoutMs && { isTimed: true as const }),
    ...(input.extraSystemPrompt !== undefined && { extraSystemPrompt: input.extraSystemPrompt }),
    ...(input.caller && callersPart(input.caller)),
    allowedTools: "all",
  };
}

function callersPart({
  tools = [],
  toolChoice = "auto",
  parallelToolCalls: parallel,
  sampling,
  format,
}: CallerRequest): Partial<Turn> {
  const isOffered = tools.length > 0 && toolChoice !== "none";
  return {
    ...(isOffered && { callerTools: { tools, choice: toolChoice, ...(parallel !== undefined && { parallel }) } }),
    ...(sampling && { sampling }),
    ...(format && { format }),
  };
}
