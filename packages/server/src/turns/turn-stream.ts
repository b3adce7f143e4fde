import type { ChatEvent } from "@openclaw-gateway/protocol";
import type { Audience } from "../events/engine.ts";
import type { EventPlane } from "../events/plane.ts";
import type { Growth } from "../events/stream-log.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import { createChatText } from "./chat-text.ts";
import { createLiveTools } from "./live-tools.ts";

/** Least time between two `chat` deltas of a run; the first goes out at once. */
export const chatDeltaIntervalMs = 75;

export type TurnIdentity = {
  runId: string;
  sessionKey: string;
  sessionId: string;
  agentId: string;
  toolAudience: ToolAudience;
};

/** Connections that declared `tool-events` and asked for this run, by how much of a tool's work they are shown. */
export type ToolAudience = { everything: ReadonlySet<string>; withoutResults: ReadonlySet<string> };

type Ending =
  | { state: "final"; stopReason?: string }
  /** `sessionKey` as the caller spelled it: that is what clients of this event compare. */
  | { state: "aborted"; stopReason: string; sessionKey: string }
  | {
      state: "error";
      errorMessage: string;
      errorKind: "refusal" | "timeout" | "rate_limit" | "context_length" | "unknown";
    };

/**
 * Tells the readers what a run does: every step as an `agent` event at once, its text as `chat` deltas by time, the end
 * whole. `seq` counts the steps of the run; a `chat` event carries the number of the step behind it.
 */
export function createTurnStream(deps: { plane: EventPlane; clock: Clock }, identity: TurnIdentity) {
  const { plane, clock } = deps;
  const { runId, sessionKey, sessionId, agentId, toolAudience } = identity;
  const text = createChatText();
  const tools = createLiveTools();
  const everybody: Audience = { kind: "all" };
  const inStream = { stream: { sessionKey, runId } };
  let reasoning = "";
  /** Model calls so far: text of another call is another text. */
  let part = 0;
  let seq = 0;
  let lastDeltaAt = Number.NEGATIVE_INFINITY;
  let cancelFlush: Cancel | undefined;
  let isOver = false;

  function step(stream: string, data: Record<string, unknown>, audience: Audience = everybody): void {
    seq++;
    plane.publish({ event: "agent", payload: payloadOf(stream, data), audience, ...inStream });
  }

  const payloadOf = (stream: string, data: Record<string, unknown>) => ({
    runId,
    stream,
    data,
    sessionKey,
    sessionId,
    agentId,
    seq,
    ts: clock.now(),
  });

  const message = (whole: string) => ({
    role: "assistant",
    content: [{ type: "text", text: whole }],
    timestamp: clock.now(),
  });

  function publishChat(
    payload: ChatEvent,
    extra: { coalesceKey?: string; whenBehind?: () => unknown; growth?: Growth } = {},
  ): void {
    plane.publish({ event: "chat", payload, audience: everybody, ...inStream, ...extra });
  }

  function flushDelta(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    if (isOver || !text.hasNews) return;
    lastDeltaAt = clock.now();
    const { text: whole, deltaText, replace } = text.tell();
    const delta = { runId, sessionKey, agentId, seq, state: "delta" as const, message: message(whole) };
    const tell = (told: string, isReplaced: boolean): ChatEvent => ({
      ...delta,
      deltaText: told,
      ...(isReplaced && { replace: true as const }),
    });
    const key = `chat:${runId}`;
    publishChat(tell(deltaText, replace), {
      coalesceKey: key,
      whenBehind: () => tell(whole, true),
      growth: { key, piece: deltaText, replaces: replace, wholeChars: whole.length, tell },
    });
  }

  /** A step that adds to what a model call says or thinks. */
  function grow(
    stream: "assistant" | "reasoning",
    { delta, rest, wholeChars }: { delta: string; rest: Record<string, unknown>; wholeChars: number },
  ): void {
    seq++;
    const payload = payloadOf(stream, { ...rest, delta });
    plane.publish({
      event: "agent",
      payload,
      audience: everybody,
      ...inStream,
      ...(stream === "assistant" && { coalesceKey: `agent:${runId}` }),
      growth: {
        key: `${stream}:${runId}:${part}`,
        piece: delta,
        replaces: false,
        wholeChars,
        tell: (pieces) => ({ ...payload, data: { ...rest, delta: pieces } }),
      },
    });
  }

  function nextPart(): void {
    part++;
    reasoning = "";
  }

  return {
    get text(): string {
      return text.whole;
    },
    /** The text of the model call under way; what an abort can still save. */
    get currentText(): string {
      return text.current;
    },
    status: (phase: string): void => {
      publishChat({ runId, sessionKey, agentId, seq: seq + 1, state: "status", phase });
    },
    lifecycle: (phase: string, data: Record<string, unknown> = {}): void => step("lifecycle", { phase, ...data }),
    addText: (delta: string): void => {
      text.add(delta);
      const { current } = text;
      grow("assistant", { delta, rest: { text: current }, wholeChars: current.length });
      const dueAt = lastDeltaAt + chatDeltaIntervalMs;
      if (clock.now() >= dueAt) flushDelta();
      else cancelFlush ??= clock.at(dueAt, flushDelta);
    },
    addReasoning: (delta: string): void => {
      reasoning += delta;
      grow("reasoning", { delta, rest: {}, wholeChars: 0 });
    },
    finishPart: (): void => {
      text.finishPart();
      nextPart();
    },
    dropPart: (): void => {
      text.dropPart();
      nextPart();
    },
    compaction: (phase: "start" | "end", data: Record<string, unknown>): void => step("compaction", { phase, ...data }),
    tool: (data: Record<string, unknown>): void => {
      // What was said before the call is shown before it.
      if (data["phase"] === "start") flushDelta();
      tools.step(data);
      step("tool", data, { kind: "connections", ids: toolAudience.everything });
      if (toolAudience.withoutResults.size > 0) {
        const { result: _result, partialResult: _partial, ...rest } = data;
        plane.publish({
          event: "agent",
          payload: payloadOf("tool", rest),
          audience: { kind: "connections", ids: toolAudience.withoutResults },
        });
      }
      plane.publish({
        event: "session.tool",
        payload: payloadOf("tool", data),
        audience: { kind: "session-subscribers", sessionKey, includeMessageSubscribers: false },
      });
    },
    /** The transcript has these now. */
    stored: tools.stored,
    /** What somebody needs who joins now: as told so far, so that what is told next continues it. */
    snapshot: () => ({ text: text.told, reasoning, tools: tools.all() }),
    /** The last word of a run; later calls do nothing. */
    end: (ending: Ending, lifecycle: Record<string, unknown>): void => {
      if (isOver) return;
      flushDelta();
      isOver = true;
      step("lifecycle", { phase: ending.state === "error" ? "error" : "end", ...lifecycle });
      const run = { runId, sessionKey, agentId, seq };
      const whole = text.whole;
      switch (ending.state) {
        case "final":
          return publishChat({
            ...run,
            state: "final",
            ...(whole !== "" && { message: message(whole) }),
            ...(ending.stopReason !== undefined && { stopReason: ending.stopReason }),
          });
        case "aborted":
          return publishChat({
            ...run,
            sessionKey: ending.sessionKey,
            state: "aborted",
            stopReason: ending.stopReason,
            ...(whole !== "" && { message: message(whole) }),
          });
        case "error":
          return publishChat({
            ...run,
            state: "error",
            errorMessage: ending.errorMessage,
            errorKind: ending.errorKind,
          });
        default:
          return ending satisfies never;
      }
    },
  };
}
export type TurnStream = ReturnType<typeof createTurnStream>;
