import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { Clock, TurnEvent } from "@openclaw-gateway/server";
import { revealSecret } from "../config.ts";
import { type Model, modelName } from "../providers/model.ts";
import type { Connect } from "../providers/connect.ts";
import type { CredentialGate } from "../providers/credential-gate.ts";
import type { ProviderFailure } from "../providers/failure.ts";
import type { Answer } from "./answer.ts";
import { callModel } from "./call-model.ts";
import { sleep, unlessAborted } from "./wait.ts";
import type { StallTimeouts } from "./watchdog.ts";

export type RetryPolicy = {
  /** Calls of one model for one step. */
  attempts: number;
  /** The pause before the second call; doubled for each that follows. */
  baseDelayMs: number;
  maxDelayMs: number;
  /** How long a step waits for one model in all, when another could take over and when none can. */
  patienceMs: { withFallback: number; alone: number };
};

/** With a fallback a reader sees its first words within three seconds. */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 3,
  baseDelayMs: 400,
  maxDelayMs: 8_000,
  patienceMs: { withFallback: 2_000, alone: 60_000 },
};

export type AskDeps = {
  clock: Clock;
  connect: Connect;
  gateOf: (credential: string) => CredentialGate;
  retry: RetryPolicy;
  timeouts: StallTimeouts;
  random: () => number;
};

/** Which models a turn may use and which one it uses now; a turn that fell back stays there. */
export type ModelChoiceState = { candidates: readonly Model[]; current: number };

export type AskResult =
  | { kind: "answered"; answer: Answer; model: Model }
  | { kind: "aborted"; answer: Answer | undefined; model: Model }
  | { kind: "failed"; failure: ProviderFailure; model: Model };

/** One step of a turn: asks the current model, again after passing failures, and then the models after it. */
export async function* ask(
  deps: AskDeps,
  choice: ModelChoiceState,
  step: { optionsFor(model: Model): LanguageModelV4CallOptions; takeId(wanted: string): string; signal: AbortSignal },
): AsyncGenerator<TurnEvent, AskResult> {
  for (;;) {
    const model = choice.candidates[choice.current];
    if (!model) throw new Error("a turn without a model");
    const next = choice.candidates[choice.current + 1];
    const result = yield* askOne(deps, model, next !== undefined, step);
    if (result.kind !== "failed" || !next || !result.failure.mayFallBack) return result;
    choice.current++;
    yield { type: "fallback", from: model.ref, to: next.ref, reason: result.failure.message };
    yield { type: "model", model: next.ref };
  }
}

async function* askOne(
  deps: AskDeps,
  model: Model,
  hasFallback: boolean,
  step: Parameters<typeof ask>[2],
): AsyncGenerator<TurnEvent, AskResult> {
  const { clock, retry, random } = deps;
  const { signal } = step;
  const gate = deps.gateOf(credentialOf(model));
  const patienceMs = hasFallback ? retry.patienceMs.withFallback : retry.patienceMs.alone;
  let waitedMs = 0;
  let failure: ProviderFailure | undefined;

  for (let attempt = 1; ; attempt++) {
    const backoffMs = failure && !failure.isLimit ? (failure.retryAfterMs ?? backoff(retry, attempt - 1, random)) : 0;
    let delayMs = Math.ceil(Math.max(gate.pauseMs(), backoffMs));
    if (delayMs > 0 && waitedMs + delayMs <= patienceMs) {
      const reason = failure?.message ?? "rate limited: waiting for the provider to take calls again";
      yield { type: "retry", attempt, delayMs: Math.round(delayMs), reason };
    }
    // The pause may be prolonged by somebody else's call while this one sleeps.
    while (delayMs > 0) {
      if (waitedMs + delayMs > patienceMs) return { kind: "failed", failure: failure ?? pausedFailure(delayMs), model };
      await sleep(clock, delayMs, signal);
      waitedMs += delayMs;
      if (signal.aborted) return { kind: "aborted", answer: undefined, model };
      delayMs = gate.pauseMs();
    }
    if (!gate.hasRoom) {
      const startedAt = clock.now();
      const hasRoom = await waitForRoom(deps, gate, patienceMs - waitedMs, signal);
      waitedMs += clock.now() - startedAt;
      if (signal.aborted) return { kind: "aborted", answer: undefined, model };
      if (!hasRoom && hasFallback) return { kind: "failed", failure: failure ?? pausedFailure(0), model };
      if (gate.pauseMs() > 0) {
        attempt--;
        continue;
      }
    }
    const result = yield* callModel({
      connect: () => deps.connect(model),
      options: step.optionsFor(model),
      pass: gate.take(),
      clock,
      timeouts: deps.timeouts,
      takeId: step.takeId,
      secrets: secretsOf(model),
      signal,
    });
    if (result.kind !== "failed") return { ...result, model };
    failure = result.failure;
    if (!failure.isRetryable || attempt >= retry.attempts) return { kind: "failed", failure, model };
  }
}

/** False when the wait was longer than the turn has patience for. */
async function waitForRoom(
  { clock }: AskDeps,
  gate: CredentialGate,
  patienceMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = new AbortController();
  const cancel = clock.at(clock.now() + patienceMs, () => deadline.abort());
  const stop = AbortSignal.any([signal, deadline.signal]);
  while (!stop.aborted && !gate.hasRoom && gate.pauseMs() === 0) await unlessAborted(gate.change(), stop);
  cancel();
  return !deadline.signal.aborted;
}

function backoff({ baseDelayMs, maxDelayMs }: RetryPolicy, failures: number, random: () => number): number {
  return Math.min(maxDelayMs, baseDelayMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}

const pausedFailure = (delayMs: number): ProviderFailure => ({
  kind: "rate_limit",
  message: `429 rate limited${delayMs > 0 ? `: the provider takes calls again in ${Math.ceil(delayMs / 1000)} s` : ""}`,
  httpStatus: 429,
  isRetryable: true,
  mayFallBack: true,
  isLimit: true,
});

const credentialOf = ({ provider, ref }: Model): string =>
  provider?.key === undefined ? `${provider?.baseUrl ?? ""} ${modelName(ref)}` : revealSecret(provider.key);

const secretsOf = ({ provider }: Model): string[] =>
  provider
    ? [...(provider.key === undefined ? [] : [provider.key]), ...Object.values(provider.headers)].map(revealSecret)
    : [];
