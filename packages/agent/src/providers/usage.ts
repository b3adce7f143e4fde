import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import { type Usage, zeroUsage } from "@openclaw-gateway/protocol";
import type { PriceConfig } from "../config.ts";

/** Tokens as the protocol counts them (`input` without what came from or went to a cache), priced per million. */
export function toUsage(reported: LanguageModelV4Usage | undefined, price: PriceConfig): Usage {
  if (!reported) return zeroUsage();
  const { inputTokens, outputTokens } = reported;
  const cacheRead = inputTokens.cacheRead ?? 0;
  const cacheWrite = inputTokens.cacheWrite ?? 0;
  const input = inputTokens.noCache ?? Math.max(0, (inputTokens.total ?? 0) - cacheRead - cacheWrite);
  const output = outputTokens.total ?? (outputTokens.text ?? 0) + (outputTokens.reasoning ?? 0);
  const cost = {
    input: costOf(input, price.input),
    output: costOf(output, price.output),
    // Where a cache has no price of its own, its tokens cost what others cost.
    cacheRead: costOf(cacheRead, price.cacheRead ?? price.input),
    cacheWrite: costOf(cacheWrite, price.cacheWrite ?? price.input),
  };
  return {
    input,
    output,
    cacheRead,
    cacheWrite,
    totalTokens: input + output + cacheRead + cacheWrite,
    cost: { ...cost, total: cost.input + cost.output + cost.cacheRead + cost.cacheWrite },
  };
}

const costOf = (tokens: number, usdPerMillion: number | undefined): number =>
  (tokens * (usdPerMillion ?? 0)) / 1_000_000;
