export {
  type AgentConfig,
  type AgentRuntimeConfig,
  type ModelChain,
  type ModelConfig,
  type PriceConfig,
  type ProviderApi,
  providerApis,
  type ProviderConfig,
  type SecretText,
  type ToolsConfig,
} from "./config.ts";
export { type AgentRuntimeOptions, createAgentRuntime } from "./runtime.ts";
export type { RetryPolicy } from "./turn/ask.ts";
export type { StallTimeouts } from "./turn/watchdog.ts";
