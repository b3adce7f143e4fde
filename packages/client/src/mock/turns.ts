import {
  type AssistantMessage,
  type ChatAttachment,
  type ChatEvent,
  type EventName,
  type Payload,
  type Usage,
  zeroUsage,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../core/index.ts";
import type { Approvals } from "./approvals.ts";
import { type Conversations, mockModel, type MockSession, modelOf } from "./conversations.ts";
import type { Random } from "./random.ts";
import type { MockReply, MockStep } from "./script.ts";

export type RunState = "queued" | "running" | "done" | "failed" | "aborted";

export type MockRun = {
  readonly runId: string;
  readonly session: MockSession;
  state: RunState;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** Everything the assistant has said. */
  text: string;
  error: string | undefined;
  /** The call under way. */
  tool: { toolCallId: string; name: string; args: Record<string, unknown> } | undefined;
  readonly signal: AbortController;
  readonly ended: Promise<void>;
};

export type StartTurn = {
  session: MockSession;
  /** As the caller wrote it; `chat` events name the session so. */
  runId: string;
  message: string;
  attachments?: readonly ChatAttachment[] | undefined;
};

export type TurnDeps = {
  clock: Clock;
  random: Random;
  conversations: Conversations;
  approvals: Approvals;
  reply: MockReply;
  /** Between two words. */
  stepMs: number;
  publish<E extends EventName>(event: E, payload: Payload<E>): void;
};

export type Turns = ReturnType<typeof createTurns>;

/** Simulated turns: one at a time in a session, the others wait. */
export function createTurns(deps: TurnDeps) {
  const { clock } = deps;
  const runs = new Map<string, MockRun>();
  /** The end of the last turn of each session. */
  const tails = new Map<string, Promise<void>>();

  function start(asked: StartTurn): MockRun {
    const { session, runId } = asked;
    const { promise, resolve } = Promise.withResolvers<void>();
    const run: MockRun = {
      runId,
      session,
      state: "queued",
      startedAtMs: undefined,
      endedAtMs: undefined,
      text: "",
      error: undefined,
      tool: undefined,
      signal: new AbortController(),
      ended: promise,
    };
    runs.set(runId, run);
    deps.conversations.touch(session, "send");
    const before = tails.get(session.key) ?? Promise.resolve();
    tails.set(session.key, before.then(() => perform(deps, run, asked)).then(resolve));
    return run;
  }

  function abort(run: MockRun): boolean {
    if (run.state !== "queued" && run.state !== "running") return false;
    run.signal.abort();
    return true;
  }

  return {
    start,
    find: (runId: string): MockRun | undefined => runs.get(runId),
    running: (sessionKey: string): MockRun[] =>
      [...runs.values()].filter((run) => run.session.key === sessionKey && run.state === "running"),
    /** Stops one run, or every run of a session; the ids of those that ran. */
    abort: (session: MockSession, runId?: string): string[] =>
      [...runs.values()]
        .filter((run) => run.session === session && (runId === undefined || run.runId === runId))
        .filter(abort)
        .map((run) => run.runId),
    abortRun: (runId: string): boolean => {
      const run = runs.get(runId);
      return run !== undefined && abort(run);
    },
    /** Resolves when the run has ended or the time is over, whichever is first. */
    wait: async (run: MockRun, timeoutMs: number): Promise<void> => {
      const late = Promise.withResolvers<void>();
      const cancel = clock.at(clock.now() + timeoutMs, late.resolve);
      await Promise.race([run.ended, late.promise]);
      cancel();
    },
  };
}

async function perform(deps: TurnDeps, run: MockRun, asked: StartTurn): Promise<void> {
  const { clock, conversations, publish } = deps;
  const { session, runId, signal } = run;
  const { key: sessionKey, agentId, sessionId } = session;
  const tell = createTeller(deps, run);
  // Since it was asked for the gateway may have been told to stop it.
  if (signal.signal.aborted) return finish("aborted");
  run.state = "running";
  const startedAt = (run.startedAtMs = clock.now());
  const history = session.messages.map(({ message }) => message);
  conversations.append(
    session,
    { role: "user", content: userContent(asked), timestamp: startedAt, idempotencyKey: `${runId}:user` },
    runId,
  );
  tell.agent("lifecycle", { phase: "start", startedAt });
  /** What the present model call has said. */
  let part = "";

  try {
    const reply = deps.reply({
      runId,
      sessionKey,
      agentId,
      message: asked.message,
      history,
      random: deps.random,
      asksBeforeExec: deps.approvals.asksBeforeExec(),
      approve: (command) => deps.approvals.ask({ command, sessionKey, agentId, signal: signal.signal }),
    });
    for await (const step of typeof reply === "string" ? [{ say: reply } satisfies MockStep] : reply) {
      if (signal.signal.aborted) break;
      if ("fail" in step) return finish("failed", step.fail);
      if ("waitMs" in step) await pause(step.waitMs);
      else if ("think" in step) tell.agent("reasoning", { delta: step.think });
      else if ("say" in step) await say(step.say);
      else await useTool(step);
      if (signal.signal.aborted) break;
    }
  } catch (error) {
    return finish("failed", error instanceof Error ? error.message : String(error));
  }
  return finish(signal.signal.aborted ? "aborted" : "done");

  async function say(text: string): Promise<void> {
    for (const word of text.match(/\s*\S+\s*$|\s*\S+/g) ?? [text]) {
      await pause(deps.stepMs);
      if (signal.signal.aborted) return;
      // Parts of an answer stand apart; the first word after a tool brings the gap with it.
      const delta = part === "" && run.text !== "" ? `\n\n${word}` : word;
      part += word;
      run.text += delta;
      tell.agent("assistant", { text: part, delta: word });
      tell.chat({ state: "delta", deltaText: delta, message: tell.message() });
    }
  }

  async function useTool({ tool: name, args = {}, result = "", isError = false }: Extract<MockStep, { tool: string }>) {
    const toolCallId = `call_${deps.random.id().slice(0, 8)}`;
    const call = { type: "toolCall" as const, id: toolCallId, name, arguments: args };
    tell.agent("tool", { phase: "start", name, toolCallId, args });
    store("toolUse", [call]);
    run.tool = { toolCallId, name, args };
    await pause(deps.stepMs);
    run.tool = undefined;
    const content = [{ type: "text" as const, text: result }];
    tell.agent("tool", { phase: "result", name, toolCallId, isError, result: { content } });
    const timestamp = clock.now();
    conversations.append(
      session,
      { role: "toolResult", toolCallId, toolName: name, content, isError, timestamp },
      runId,
    );
  }

  /** The model call ends: what it said becomes a message. */
  function store(stopReason: AssistantMessage["stopReason"], calls: AssistantMessage["content"] = [], error?: string) {
    const usage = usageOf(history.length + 1, part);
    session.inputTokens += usage.input;
    session.outputTokens += usage.output;
    session.contextTokens = usage.input;
    const { modelProvider: provider, model } = modelOf(session);
    conversations.append(
      session,
      {
        role: "assistant",
        content: [...(part === "" ? [] : [{ type: "text" as const, text: part }]), ...calls],
        api: mockModel.modelProvider,
        provider,
        model,
        usage,
        stopReason,
        timestamp: clock.now(),
        ...(error === undefined ? {} : { errorMessage: error }),
      },
      runId,
    );
    part = "";
  }

  function finish(state: "done" | "failed" | "aborted", error?: string): void {
    const wasRunning = run.state === "running";
    run.state = state;
    run.error = error;
    run.endedAtMs = clock.now();
    session.abortedLastRun = state === "aborted";
    if (wasRunning) {
      if (state === "done") store("stop");
      else if (part !== "" || state === "failed") store(state === "aborted" ? "aborted" : "error", [], error);
      const times = { startedAt: run.startedAtMs, endedAt: run.endedAtMs };
      if (state === "failed") tell.agent("lifecycle", { phase: "error", error, ...times });
      else tell.agent("lifecycle", { phase: "end", ...(state === "aborted" ? { aborted: true } : {}), ...times });
    }
    const message = run.text === "" ? {} : { message: tell.message() };
    if (state === "done") tell.chat({ state: "final", ...message, stopReason: "stop" });
    else if (state === "aborted") tell.chat({ state: "aborted", ...message, stopReason: "rpc" });
    else tell.chat({ state: "error", errorMessage: error ?? "the run failed", errorKind: "unknown" });
    publish("sessions.changed", { sessionKey, agentId, ts: clock.now(), reason: "agent.input.settled", runId });
  }

  /** Milliseconds of the clock; an abort ends them. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (signal.signal.aborted) return resolve();
      const cancel = clock.at(clock.now() + ms, resolve);
      signal.signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
    });
  }

  function userContent({ message, attachments = [] }: StartTurn) {
    const names = attachments.map(({ fileName = "attachment" }) => `[${fileName}]`);
    return [{ type: "text" as const, text: [message, ...names].filter((part) => part !== "").join("\n") }];
  }

  function createTeller({ publish: send }: TurnDeps, { text: _text }: MockRun) {
    let seq = 0;
    const place = { runId, sessionKey, agentId };
    type ChatPart = ChatEvent extends infer One
      ? One extends unknown
        ? Omit<One, "runId" | "sessionKey" | "agentId" | "seq">
        : never
      : never;
    return {
      agent: (stream: string, data: Record<string, unknown>): void => {
        seq++;
        send("agent", { ...place, sessionId, seq, stream, ts: clock.now(), data });
      },
      chat: (event: ChatPart): void => send("chat", { ...place, ...event, seq }),
      message: () => ({ role: "assistant", content: [{ type: "text", text: run.text }], timestamp: clock.now() }),
    };
  }
}

/** Words stand for tokens. */
function usageOf(messages: number, text: string): Usage {
  const output = text.split(/\s+/).filter(Boolean).length;
  const input = 10 * messages;
  return { ...zeroUsage(), input, output, totalTokens: input + output };
}
