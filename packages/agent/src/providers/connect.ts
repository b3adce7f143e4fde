import type { LanguageModelV4 } from "@ai-sdk/provider";
import { revealSecret } from "../config.ts";
import { type Model, modelName, type Provider } from "./model.ts";

/** One call of a model: the prompt goes in, a stream of parts comes out. The loop around it is ours. */
export type StepModel = Pick<LanguageModelV4, "doStream">;

export type Connect = (model: Model) => Promise<StepModel>;

/** Makes models callable. The library of a provider is loaded when its first model is. */
export function createConnect(fetchWith: typeof fetch | undefined, demo: StepModel): Connect {
  const connected = new Map<string, Promise<StepModel>>();
  return (model) => {
    const { provider, ref } = model;
    if (!provider) return Promise.resolve(demo);
    const name = modelName(ref);
    let pending = connected.get(name);
    if (!pending) {
      pending = load(provider, ref.id, fetchWith);
      connected.set(name, pending);
      // A failed load may be tried again.
      pending.catch(() => connected.delete(name));
    }
    return pending;
  };
}

async function load(provider: Provider, modelId: string, fetchWith: typeof fetch | undefined): Promise<StepModel> {
  const common = {
    baseURL: provider.baseUrl,
    headers: Object.fromEntries(Object.entries(provider.headers).map(([name, value]) => [name, revealSecret(value)])),
    ...(fetchWith && { fetch: fetchWith }),
  };
  const key = provider.key === undefined ? undefined : revealSecret(provider.key);
  // Never left out: without a key the libraries would take one of the process environment on their own.
  const apiKey = key ?? "none";
  switch (provider.api) {
    case "openai-completions": {
      if (isOpenAi(provider)) {
        const { createOpenAI } = await import("@ai-sdk/openai");
        return createOpenAI({ ...common, apiKey }).chat(modelId);
      }
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      return createOpenAICompatible({
        ...common,
        name: provider.id,
        includeUsage: true,
        // Only callers ask for a schema; a server that has no such thing says so.
        supportsStructuredOutputs: true,
        ...(key !== undefined && { apiKey: key }),
      }).chatModel(modelId);
    }
    case "openai-responses": {
      const { createOpenAI } = await import("@ai-sdk/openai");
      return createOpenAI({ ...common, apiKey }).responses(modelId);
    }
    case "anthropic-messages": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return createAnthropic({ ...common, apiKey })(modelId);
    }
    case "google-generative-ai": {
      const { createGoogle } = await import("@ai-sdk/google");
      return createGoogle({ ...common, apiKey })(modelId);
    }
    default:
      return provider.api satisfies never;
  }
}

/** OpenAI itself wants its limits and roles under other names than the servers that copy it. */
const isOpenAi = ({ baseUrl }: Provider): boolean => URL.parse(baseUrl)?.hostname === "api.openai.com";
