import type { ProviderApi } from "../config.ts";
import type { KnownModel } from "./known-models.ts";
import { anthropicModels, googleModels, openaiModels, otherModels } from "./known-models.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A provider that people use by setting nothing but its key. */
export type KnownProvider = {
  id: string;
  api: ProviderApi;
  baseUrl: string;
  keyVariables: readonly string[];
  baseUrlVariables: readonly string[];
  models: readonly KnownModel[];
};

/** In the order in which the first one with a key becomes the default. */
export const knownProviders: readonly KnownProvider[] = [
  {
    id: "anthropic",
    api: "anthropic-messages",
    baseUrl: "https://api.anthropic.com/v1",
    keyVariables: ["ANTHROPIC_API_KEY"],
    baseUrlVariables: ["ANTHROPIC_BASE_URL"],
    models: anthropicModels,
  },
  {
    id: "openai",
    api: "openai-responses",
    baseUrl: "https://api.openai.com/v1",
    keyVariables: ["OPENAI_API_KEY"],
    baseUrlVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
    models: openaiModels,
  },
  {
    id: "google",
    api: "google-generative-ai",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
    baseUrlVariables: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_BASE_URL"],
    models: googleModels,
  },
  compatible("openrouter", "https://openrouter.ai/api/v1"),
  compatible("xai", "https://api.x.ai/v1"),
  compatible("mistral", "https://api.mistral.ai/v1"),
  compatible("groq", "https://api.groq.com/openai/v1"),
  compatible("deepseek", "https://api.deepseek.com/v1"),
];

function compatible(id: keyof typeof otherModels, baseUrl: string): KnownProvider {
  const prefix = id.toUpperCase();
  return {
    id,
    api: "openai-completions",
    baseUrl,
    keyVariables: [`${prefix}_API_KEY`],
    baseUrlVariables: [`${prefix}_BASE_URL`],
    models: otherModels[id],
  };
}

/** The names under which the key of a provider is looked for. */
export function keyVariablesOf(providerId: string): readonly string[] {
  const known = knownProviders.find(({ id }) => id === providerId);
  return known?.keyVariables ?? [`${providerId.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_API_KEY`];
}

/** The first of the variables that is set to something. */
export function firstSet(environment: Environment, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value) return value;
  }
  return undefined;
}
