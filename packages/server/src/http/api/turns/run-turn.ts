import { createHash, randomUUID } from "node:crypto";
import type { CallerStep, Params, Result } from "@openclaw-gateway/protocol";
import type { ApiCall } from "../route.ts";

export type TurnParams = Omit<Params<"turns.run">, "runId" | "model">;
export type TurnResult = Result<"turns.run">;

/** A turn of a request that is under way. */
export interface RequestedTurn {
  readonly runId: string;
  readonly result: Promise<TurnResult>;
  /** Resolves when there is something to tell, or with the end. */
  readonly begun: Promise<void>;
  readonly isOver: boolean;
  /** Steps as they come; those that came before somebody asks are kept. Ends with the turn, and never throws. */
  steps(): AsyncIterable<CallerStep>;
  /** The client has gone: the turn is stopped, unless the configuration or an idempotency key lets it go on. */
  leave(): void;
}

/**
 * Starts the turn of a request. The same `Idempotency-Key` of the same caller is the same run, whatever becomes of the
 * connection; its answer can be fetched again with the key, so that nobody's going stops it.
 */
export function startTurn(
  call: ApiCall,
  params: TurnParams,
  {
    idPrefix,
    onDisconnect,
    explain = (error) => error,
  }: {
    idPrefix: string;
    onDisconnect: "abort" | "continue" | undefined;
    /** A refusal in the words of the endpoint. */
    explain?: (error: unknown) => unknown;
  },
): RequestedTurn {
  const key = call.header("idempotency-key")?.trim();
  // What the request calls its model is an agent.
  const model = call.header("x-openclaw-model")?.trim();
  const runId = `${idPrefix}_${key ? uuidOf(`${call.principal.id}\n${idPrefix}\n${key}`) : randomUUID()}`;
  const waiting: CallerStep[] = [];
  const begun = Promise.withResolvers<void>();
  let news = Promise.withResolvers<void>();
  let isAccepted = false;
  let hasLeft = false;
  let isOver = false;
  const tell = (): void => {
    news.resolve();
    news = Promise.withResolvers<void>();
  };
  const result = call
    .call(
      "turns.run",
      { ...params, runId, ...(model && { model }) },
      {
        progress: (step) => {
          if (step.type === "text" || step.type === "calls") begun.resolve();
          const last = waiting.at(-1);
          // A reader who is behind gets in one piece what came meanwhile.
          if (last?.type === "text" && step.type === "text") waiting[waiting.length - 1] = joined(last, step);
          else waiting.push(step);
          tell();
        },
        accept: () => {
          isAccepted = true;
          if (hasLeft) stop();
        },
      },
    )
    .catch((error: unknown) => {
      throw explain(error);
    })
    .finally(() => {
      isOver = true;
      begun.resolve();
      tell();
    });
  // Whoever asks for it hears of a failure; nobody may be asking yet.
  result.catch(() => undefined);

  function leave(): void {
    if (hasLeft || key || onDisconnect === "continue") return;
    hasLeft = true;
    // Before that there is nothing to stop.
    if (isAccepted) stop();
  }

  function stop(): void {
    if (isOver) return;
    call.call("chat.abort", { sessionKey: params.sessionKey, runId }).catch((error: unknown) => {
      call.log.warn({ runId, err: error }, "a turn whose client has gone could not be stopped");
    });
  }
  if (call.signal.aborted) leave();
  else call.signal.addEventListener("abort", leave, { once: true });

  return {
    runId,
    result,
    begun: begun.promise,
    get isOver() {
      return isOver;
    },
    leave,
    steps: async function* () {
      for (;;) {
        yield* waiting.splice(0);
        if (isOver && waiting.length === 0) return;
        if (waiting.length === 0) await news.promise;
      }
    },
  };
}

const joined = (one: { delta: string }, other: { delta: string }) => ({
  type: "text" as const,
  delta: one.delta + other.delta,
});

/** The same text is the same id, after a restart too. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text, "utf8").digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
