import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import type { CompactionReason, TurnEvent } from "@openclaw-gateway/server";
import { compact, type CompactDeps } from "../context/compact.ts";
import { type ContextLimits, contextLimits, statedWindow } from "../context/limits.ts";
import type { ProviderFailure } from "../providers/failure.ts";
import { type Model, modelName } from "../providers/model.ts";
import type { ModelChoiceState } from "./ask.ts";

export type RoomDeps = CompactDeps & { warn(fields: Record<string, unknown>, message: string): void };

/** How much smaller than it seemed the window is of a provider that refuses a context and does not say why. */
const refusedShare = 0.75;

/** Keeps the history of a turn within what its model can read. `history` is changed in place. */
export function createRoom(
  deps: RoomDeps,
  history: TranscriptMessage[],
  choice: ModelChoiceState,
  { runId, summaryModel, signal }: { runId: string; summaryModel: Model | undefined; signal: AbortSignal },
) {
  /** What providers have said of their windows in this turn. */
  const observed = new Map<string, number>();
  // Summing up again would not help: what is left is what has to stay.
  let isExhausted = false;

  const current = (): Model => choice.candidates[choice.current]!;
  const limitsOf = (model: Model): ContextLimits =>
    contextLimits(model, deps.context, observed.get(modelName(model.ref)));

  /** Undefined when the history is shorter now, else why it is not. */
  async function* shorten(
    reason: CompactionReason,
    tokensBefore: number,
  ): AsyncGenerator<TurnEvent, string | undefined> {
    yield { type: "compaction-start", reason };
    const models = choice.candidates.slice(choice.current);
    const outcome = await compact(deps, {
      history,
      models: summaryModel ? [summaryModel, ...models] : models,
      limits: limitsOf(current()),
      tokensBefore,
      signal,
    });
    if (outcome.kind !== "done") {
      const problem = outcome.kind === "failed" ? outcome.message : `the compaction came to nothing (${outcome.kind})`;
      if (outcome.kind === "failed") deps.warn({ runId, reason, problem }, "a conversation could not be summed up");
      yield { type: "compaction-end", willRetry: false, problem };
      return outcome.kind === "nothing" ? "nothing in it can be summed up" : problem;
    }
    const { compaction, usage } = outcome;
    const contextTokens = compaction.message.tokensAfter;
    for (const each of usage) yield { type: "usage", ...each, contextTokens };
    history.splice(0, history.length, ...outcome.history);
    yield { type: "compaction-end", done: compaction, willRetry: reason === "overflow" };
    return undefined;
  }

  return {
    /** Before a call: sums up when the context comes near its limit. When that fails, the call is tried as it is. */
    before: async function* (tokens: number): AsyncGenerator<TurnEvent, void> {
      const { threshold } = limitsOf(current());
      if (tokens <= threshold || isExhausted) return;
      const problem = yield* shorten("threshold", tokens);
      const [first] = history;
      isExhausted = problem !== undefined || first?.role !== "system" || first.tokensAfter > threshold;
    },
    /** After a provider has refused the context: undefined when the call is worth repeating, else why not. */
    afterRefusal: async function* (
      failure: ProviderFailure,
      model: Model,
      tokens: number,
    ): AsyncGenerator<TurnEvent, string | undefined> {
      const { window } = limitsOf(model);
      observed.set(
        modelName(model.ref),
        statedWindow(failure.message) ?? Math.floor(Math.min(window, tokens) * refusedShare),
      );
      return yield* shorten("overflow", tokens);
    },
  };
}
