/** A key as text, or wrapped so that it cannot be printed by accident. */
export type SecretText = string | { reveal(): string };

export const providerApis = [
  "openai-completions",
  "openai-responses",
  "anthropic-messages",
  "google-generative-ai",
] as const;
/** The HTTP dialect a provider speaks. */
export type ProviderApi = (typeof providerApis)[number];

/** USD for a million tokens. */
export type PriceConfig = {
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
};

export type ModelConfig = {
  id: string;
  name?: string | undefined;
  /** Tokens. */
  contextWindow?: number | undefined;
  /** Tokens of one answer. */
  maxTokens?: number | undefined;
  reasoning?: boolean | undefined;
  input?: readonly string[] | undefined;
  cost?: PriceConfig | undefined;
};

export type ProviderConfig = {
  baseUrl?: string | undefined;
  apiKey?: SecretText | undefined;
  /** One of `providerApis`; a provider with another one is not used. */
  api?: string | undefined;
  headers?: Readonly<Record<string, SecretText | undefined>> | undefined;
  models?: readonly ModelConfig[] | undefined;
};

/** `provider/id`, alone or with the models that take over when it fails. */
export type ModelChain = string | { primary?: string | undefined; fallbacks?: readonly string[] | undefined };

export type ToolsConfig = {
  profile?: string | undefined;
  allow?: readonly string[] | undefined;
  deny?: readonly string[] | undefined;
  exec?: { timeoutSec?: number | undefined } | undefined;
};

export type AgentConfig = {
  id: string;
  default?: boolean | undefined;
  name?: string | undefined;
  workspace?: string | undefined;
  model?: ModelChain | undefined;
  identity?:
    | {
        name?: string | undefined;
        emoji?: string | undefined;
        theme?: string | undefined;
        avatar?: string | undefined;
      }
    | undefined;
  tools?: ToolsConfig | undefined;
  runtime?: { type: string; devices?: readonly string[] | undefined } | undefined;
  subagents?: SubagentsConfig | undefined;
  memorySearch?: MemorySearchConfig | undefined;
};

/** What makes texts into vectors: `model` of `provider`, or `provider/id` in one. */
export type MemorySearchConfig = { provider?: string | undefined; model?: string | undefined };

/** What the sub-agents of an agent have when a call names nothing else. */
export type SubagentsConfig = {
  allowAgents?: readonly string[] | undefined;
  model?: ModelChain | undefined;
  thinking?: string | undefined;
};

/** How the beginning of a long conversation gives way to a summary. Counts are tokens. */
export type CompactionConfig = {
  /** `default` and `safeguard` of existing installations; long conversations are summed up in parts either way. */
  mode?: string | undefined;
  /** Left free for the answer. */
  reserveTokens?: number | undefined;
  /** The least that is left free, whatever `reserveTokens` says. */
  reserveTokensFloor?: number | undefined;
  keepRecentTokens?: number | undefined;
  /** The part of the context that messages kept as they are may fill. */
  maxHistoryShare?: number | undefined;
  /** `provider/id` of the model that writes summaries; the one of the turn when absent. */
  model?: string | undefined;
  /** What every summary should pay attention to. */
  customInstructions?: string | undefined;
};

/** The parts of `openclaw.json` that the agent runtime reads; anything else in them is ignored. */
export type AgentRuntimeConfig = {
  models?: { providers?: Readonly<Record<string, ProviderConfig | undefined>> | undefined } | undefined;
  agents?:
    | {
        defaults?:
          | {
              model?: ModelChain | undefined;
              /** Short names for models, by `provider/id`. */
              models?: Readonly<Record<string, { alias?: string | undefined } | undefined>> | undefined;
              workspace?: string | undefined;
              thinkingDefault?: string | undefined;
              /** How long a turn may take; 0 lets it take any time. */
              timeoutSeconds?: number | undefined;
              subagents?: SubagentsConfig | undefined;
              memorySearch?: MemorySearchConfig | undefined;
              /** The most of a model's context that is used. */
              contextTokens?: number | undefined;
              compaction?: CompactionConfig | undefined;
            }
          | undefined;
        list?: readonly AgentConfig[] | undefined;
      }
    | undefined;
  tools?: ToolsConfig | undefined;
};

export const revealSecret = (secret: SecretText): string => (typeof secret === "string" ? secret : secret.reveal());
