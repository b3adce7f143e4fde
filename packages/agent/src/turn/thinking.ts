import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { Model } from "../providers/model.ts";

type Reasoning = NonNullable<LanguageModelV4CallOptions["reasoning"]>;

const levels: Readonly<Record<string, Reasoning>> = {
  off: "none",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "xhigh",
  max: "max",
};

/** How much the model should think; undefined leaves it to the provider. */
export function reasoningFor(model: Model, thinking: string | undefined): Reasoning | undefined {
  if (thinking === undefined || !model.isReasoning) return undefined;
  const level = levels[thinking.toLowerCase()];
  // Servers that copy the OpenAI form know the levels but often refuse "none".
  return level === "none" && model.api === "openai-completions" ? undefined : level;
}
