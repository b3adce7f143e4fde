import type { CompactionConfig } from "../config.ts";
import type { Model } from "../providers/model.ts";

/** For models whose window nobody has told. */
export const defaultContextTokens = 200_000;
const defaultReserveTokens = 20_000;
const defaultKeepTokens = 20_000;
const defaultHistoryShare = 0.5;

/** What the configuration says of contexts, in `agents.defaults`. */
export type ContextConfig = { contextTokens?: number | undefined; compaction?: CompactionConfig | undefined };

/** All in tokens. */
export type ContextLimits = {
  window: number;
  /** A context that is larger is summed up before the model is asked. */
  threshold: number;
  /** About how much of the newest messages stays as it is. */
  keep: number;
};

/** What fits into a model, as the catalogue and `agents.defaults` say; `observed` is what a provider said itself. */
export function contextLimits(model: Model, config: ContextConfig, observed = Number.POSITIVE_INFINITY): ContextLimits {
  const { compaction = {} } = config;
  const window = Math.min(
    model.contextWindow ?? defaultContextTokens,
    config.contextTokens ?? Number.POSITIVE_INFINITY,
    observed,
  );
  const wanted = Math.max(compaction.reserveTokens ?? 0, compaction.reserveTokensFloor ?? defaultReserveTokens);
  // The reserve of large models would leave small ones nothing.
  const threshold = window - Math.min(wanted, Math.floor(window / 2));
  const share = Math.floor(threshold * (compaction.maxHistoryShare ?? defaultHistoryShare));
  return { window, threshold, keep: Math.min(compaction.keepRecentTokens ?? defaultKeepTokens, share) };
}

const statedLimits = [
  /maximum context length (?:is|of) (\d[\d,]*)/i,
  /> ?(\d[\d,]*) maximum/i,
  /maximum number of tokens allowed \((\d[\d,]*)\)/i,
  /context (?:window|size|length)(?: is| of|:)? \(?(\d[\d,]*)/i,
  /(?:limit|maximum)(?: is| of|:)? (\d[\d,]*) tokens/i,
];

/** The window that a provider names when it refuses a context. */
export function statedWindow(message: string): number | undefined {
  for (const pattern of statedLimits) {
    const stated = Number(pattern.exec(message)?.[1]?.replaceAll(",", ""));
    if (stated >= 1_000) return stated;
  }
  return undefined;
}
