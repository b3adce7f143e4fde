import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { Clock, TurnEvent } from "@openclaw-gateway/server";
import type { Pass } from "../providers/credential-gate.ts";
import type { StepModel } from "../providers/connect.ts";
import { classifyFailure, type ProviderFailure, stallFailure } from "../providers/failure.ts";
import { type Answer, createAnswer } from "./answer.ts";
import { unlessAborted } from "./wait.ts";
import { createWatchdog, type StallTimeouts } from "./watchdog.ts";

type CallResult =
  | { kind: "answered"; answer: Answer }
  | { kind: "failed"; failure: ProviderFailure }
  | { kind: "aborted"; answer: Answer };

type ModelCall = {
  connect: () => Promise<StepModel>;
  options: LanguageModelV4CallOptions;
  pass: Pass;
  clock: Clock;
  timeouts: StallTimeouts;
  takeId: (wanted: string) => string;
  secrets: readonly string[];
  signal: AbortSignal;
};

/** Asks a model once. Yields what it says as it says it; never throws. */
export async function* callModel(call: ModelCall): AsyncGenerator<TurnEvent, CallResult> {
  const { clock, pass, signal } = call;
  const answer = createAnswer(call.takeId);
  const watchdog = createWatchdog(clock, call.timeouts);
  const stop = AbortSignal.any([signal, watchdog.signal]);
  const settle = (failure: ProviderFailure): CallResult => {
    if (failure.isLimit) pass.limited(failure.retryAfterMs);
    return { kind: "failed", failure };
  };
  const stopped = (): CallResult =>
    signal.aborted ? { kind: "aborted", answer } : settle(stallFailure(watchdog.reason));
  let reader: ReadableStreamDefaultReader<Parameters<Answer["take"]>[0]> | undefined;
  // A read that waits ends at once, whether or not the connection notices the abort.
  const cancelRead = () => void reader?.cancel().catch(() => {});
  try {
    const opened = await unlessAborted(
      call.connect().then((model) => model.doStream({ ...call.options, abortSignal: stop })),
      stop,
    );
    if (!opened) return stopped();
    pass.accepted();
    reader = opened.stream.getReader();
    stop.addEventListener("abort", cancelRead, { once: true });
    if (stop.aborted) cancelRead();
    for (;;) {
      const { done, value } = await reader.read();
      if (stop.aborted) return stopped();
      if (done) break;
      watchdog.spoke();
      const said = answer.take(value);
      if (said) yield said;
      if (stop.aborted) return stopped();
      if (answer.error) return settle(classifyFailure(answer.error.value, clock.now(), call.secrets));
    }
    const problem = problemOf(answer);
    return problem ? settle(problem) : { kind: "answered", answer };
  } catch (error) {
    if (stop.aborted) return stopped();
    return settle(classifyFailure(error, clock.now(), call.secrets));
  } finally {
    watchdog.stop();
    stop.removeEventListener("abort", cancelRead);
    pass.released();
    cancelRead();
  }
}

/** A stream that came to its end without being an answer. */
function problemOf({ finish, requests, textContent }: Answer): ProviderFailure | undefined {
  const retryable = { kind: "unknown", isRetryable: true, mayFallBack: true, isLimit: false } as const;
  if (finish === undefined || finish === "interrupted" || finish === "error") {
    return { ...retryable, message: "the model provider broke off its answer" };
  }
  if (finish === "content-filter") {
    return {
      kind: "refusal",
      message: "the model provider refused to answer",
      isRetryable: false,
      mayFallBack: false,
      isLimit: false,
    };
  }
  if (requests.length === 0 && textContent().length === 0 && finish !== "length") {
    return { ...retryable, message: "the model gave an empty answer" };
  }
  return undefined;
}
