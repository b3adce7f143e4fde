import type { EmbeddingModelV4 } from "@ai-sdk/provider";
import type { Clock, EmbedRequest, EmbedResult } from "@openclaw-gateway/server";
import { revealSecret } from "../config.ts";
import type { RetryPolicy } from "../turn/ask.ts";
import { sleep } from "../turn/wait.ts";
import { classifyFailure } from "./failure.ts";
import type { Model, Provider } from "./model.ts";

/** Texts of one call where a provider does not say what it takes. */
const defaultPerCall = 256;

type EmbedDeps = {
  clock: Clock;
  retry: Pick<RetryPolicy, "attempts" | "baseDelayMs" | "maxDelayMs">;
  fetch?: typeof fetch;
};

/** Texts as vectors, in their order. Never throws. */
export async function embed(
  deps: EmbedDeps,
  model: Model,
  { values, dimensions }: Pick<EmbedRequest, "values" | "dimensions">,
  signal: AbortSignal,
): Promise<EmbedResult> {
  const { provider, ref } = model;
  if (!provider) return unable("the demo model has no embeddings");
  const vectors: number[][] = [];
  let tokens = 0;
  try {
    const embedding = await connect(provider, ref.id, deps.fetch);
    if (!embedding) return unable(`provider "${provider.id}" speaks ${provider.api}, which has no embeddings`);
    const perCall = (await embedding.maxEmbeddingsPerCall) ?? defaultPerCall;
    for (let from = 0; from < values.length; from += perCall) {
      const part = values.slice(from, from + perCall);
      const answer = await patiently(deps, provider, signal, () =>
        embedding.doEmbed({
          values: part,
          abortSignal: signal,
          ...(dimensions !== undefined && { dimensions }),
        }),
      );
      if (answer.embeddings.length !== part.length)
        return {
          kind: "failed",
          errorKind: "unknown",
          message: "the provider answered with another number of vectors",
        };
      vectors.push(...answer.embeddings);
      tokens += answer.usage?.tokens ?? 0;
    }
  } catch (error) {
    const { kind, message } = classifyFailure(error, deps.clock.now(), secretsOf(provider));
    return { kind: "failed", errorKind: kind, message };
  }
  return { kind: "done", vectors, tokens, model: ref };
}

const unable = (message: string): EmbedResult => ({ kind: "unavailable", message });

async function patiently<T>(
  { clock, retry }: EmbedDeps,
  provider: Provider,
  signal: AbortSignal,
  work: () => PromiseLike<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const failure = classifyFailure(error, clock.now(), secretsOf(provider));
      if (!failure.isRetryable || attempt >= retry.attempts || signal.aborted) throw error;
      const pauseMs = failure.retryAfterMs ?? retry.baseDelayMs * 2 ** (attempt - 1);
      if (pauseMs > retry.maxDelayMs) throw error;
      await sleep(clock, pauseMs, signal);
    }
  }
}

/** The library of a provider is loaded when it is asked first. */
async function connect(
  provider: Provider,
  modelId: string,
  fetchWith: typeof fetch | undefined,
): Promise<EmbeddingModelV4 | undefined> {
  const common = {
    baseURL: provider.baseUrl,
    headers: Object.fromEntries(Object.entries(provider.headers).map(([name, value]) => [name, revealSecret(value)])),
    ...(fetchWith && { fetch: fetchWith }),
  };
  const key = provider.key === undefined ? undefined : revealSecret(provider.key);
  switch (provider.api) {
    case "openai-completions":
    case "openai-responses": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const made = createOpenAICompatible({ ...common, name: provider.id, ...(key !== undefined && { apiKey: key }) });
      return made.embeddingModel(modelId);
    }
    case "google-generative-ai": {
      const { createGoogle } = await import("@ai-sdk/google");
      return createGoogle({ ...common, apiKey: key ?? "none" }).embeddingModel(modelId);
    }
    case "anthropic-messages":
      return undefined;
    default:
      return provider.api satisfies never;
  }
}

const secretsOf = ({ key, headers }: Provider): string[] =>
  [...(key === undefined ? [] : [key]), ...Object.values(headers)].map(revealSecret);
