import { expect, test } from "vitest";
import { demoModel } from "../demo/demo-model.ts";
import { contextLimits, statedWindow } from "./limits.ts";

const model = (contextWindow: number | undefined) => ({ ...demoModel, contextWindow });

test.each([
  ["as configured", 100_000, { reserveTokens: 30_000, keepRecentTokens: 5_000 }, undefined, 70_000, 5_000],
  [
    "the floor wins over a smaller reserve",
    100_000,
    { reserveTokens: 1, reserveTokensFloor: 25_000 },
    undefined,
    75_000,
    20_000,
  ],
  ["a small model keeps half for the conversation", 8_000, {}, undefined, 4_000, 2_000],
  ["the share of history bounds what is kept", 100_000, { maxHistoryShare: 0.1 }, undefined, 80_000, 8_000],
  ["an unknown window", undefined, {}, undefined, 180_000, 20_000],
  ["what a provider said wins", undefined, {}, 32_000, 16_000, 8_000],
])("%s", (_name, window, compaction, observed, threshold, keep) => {
  expect(contextLimits(model(window), { compaction }, observed)).toMatchObject({ threshold, keep });
});

test("the configuration bounds the window", () => {
  expect(contextLimits(model(200_000), { contextTokens: 50_000 }).window).toBe(50_000);
});

test.each([
  ["This model's maximum context length is 8192 tokens. However, you requested 9000 tokens", 8_192],
  ["prompt is too long: 210,000 tokens > 200,000 maximum", 200_000],
  ["The input token count (1048600) exceeds the maximum number of tokens allowed (1048576).", 1_048_576],
  ["Your input exceeds the context window of this model.", undefined],
  ["request too large", undefined],
])("the window in: %s", (message, window) => {
  expect(statedWindow(message)).toBe(window);
});
