import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Clock } from "@openclaw-gateway/server";
import type { StepModel } from "../providers/connect.ts";
import type { Model } from "../providers/model.ts";
import { sleep } from "../turn/wait.ts";
import { demoLabel, explanation, quotation, slowParagraphs } from "./demo-answers.ts";
import { fileToRead } from "./file-to-read.ts";

/** The model of an installation that has no provider yet. It works offline and says so in every answer. */
export const demoModel: Model = {
  ref: { provider: "demo", id: "offline" },
  name: "Offline demo (no model provider configured)",
  api: "demo",
  provider: undefined,
  contextWindow: 32_000,
  maxTokens: undefined,
  isReasoning: false,
  takesImages: false,
  price: { input: 0, output: 0 },
};

const chunkDelayMs = 20;
const slowChunkDelayMs = 150;

/**
 * Answers by fixed rules: `read NOTES.md` calls the `read` tool and quotes the file, a message with the word `slow` gets an
 * answer that takes a minute (to try stopping one), anything else is told how to add a provider.
 */
export function createDemoStepModel(clock: Clock): StepModel {
  return {
    doStream: async (options) => {
      const { toolCall, text, delayMs } = plan(options);
      const signal = options.abortSignal ?? new AbortController().signal;
      const parts = streamParts(text, toolCall);
      return {
        stream: new ReadableStream<LanguageModelV4StreamPart>(
          {
            pull: async (controller) => {
              const next = parts.next();
              if (next.done) return controller.close();
              if (next.value.type === "text-delta") await sleep(clock, delayMs, signal);
              if (signal.aborted) return controller.close();
              controller.enqueue(next.value);
            },
          },
          { highWaterMark: 0 },
        ),
      };
    },
  };
}

type Plan = { text: string; toolCall?: { path: string }; delayMs: number };

function plan({ prompt, tools }: LanguageModelV4CallOptions): Plan {
  const last = prompt.at(-1);
  if (last?.role === "tool") {
    const [result] = last.content;
    const output = result?.type === "tool-result" ? result.output : undefined;
    const value = output?.type === "text" || output?.type === "error-text" ? output.value : "";
    return { text: quotation(value, output?.type === "error-text"), delayMs: chunkDelayMs };
  }
  const asked =
    last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join("\n") : "";
  if (/\bslow\b/i.test(asked)) return { text: `${demoLabel}\n\n${slowParagraphs()}`, delayMs: slowChunkDelayMs };
  const path = fileToRead(asked);
  if (path === undefined) return { text: explanation(asked), delayMs: chunkDelayMs };
  if (!tools?.some((tool) => tool.name === "read")) {
    return {
      text: `${demoLabel}\n\nI would read \`${path}\`, but the \`read\` tool is not available in this turn.`,
      delayMs: chunkDelayMs,
    };
  }
  return {
    text: `${demoLabel}\n\nI am calling the \`read\` tool for \`${path}\`.`,
    toolCall: { path },
    delayMs: chunkDelayMs,
  };
}

function* streamParts(text: string, toolCall: { path: string } | undefined): Generator<LanguageModelV4StreamPart> {
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "0" };
  for (const delta of text.match(/\S+\s*/g) ?? []) yield { type: "text-delta", id: "0", delta };
  yield { type: "text-end", id: "0" };
  if (toolCall) yield { type: "tool-call", toolCallId: "call_demo", toolName: "read", input: JSON.stringify(toolCall) };
  const none = undefined;
  yield {
    type: "finish",
    finishReason: { unified: toolCall ? "tool-calls" : "stop", raw: none },
    usage: {
      inputTokens: { total: none, noCache: none, cacheRead: none, cacheWrite: none },
      outputTokens: { total: none, text: none, reasoning: none },
    },
  };
}
