import { type TranscriptMessage, visibleText } from "@openclaw-gateway/protocol";
import type { CallUsage, Compaction } from "@openclaw-gateway/server";
import { demoModel } from "../demo/demo-model.ts";
import type { Model } from "../providers/model.ts";
import type { AskDeps } from "../turn/ask.ts";
import { shorten } from "./conversation-text.ts";
import { findCut } from "./cut.ts";
import { estimateMessages, estimateText } from "./estimate.ts";
import { type ContextConfig, type ContextLimits, contextLimits } from "./limits.ts";
import { summaryFrame } from "./summary-message.ts";
import { summarise } from "./summarise.ts";

export type CompactDeps = AskDeps & { context: ContextConfig };

export type CompactOutcome =
  | { kind: "done"; compaction: Compaction; history: TranscriptMessage[]; usage: CallUsage[] }
  | { kind: "nothing" }
  | { kind: "aborted" }
  | { kind: "failed"; message: string };

type Input = {
  history: readonly TranscriptMessage[];
  /** The models that may write the summary, the first choice first. */
  models: readonly Model[];
  limits: ContextLimits;
  /** Tokens of the context as it is. */
  tokensBefore: number;
  instructions?: string | undefined;
  signal: AbortSignal;
};

const maxRequestChars = 4_000;
/** Beside what is summed up a call holds the task, the earlier summary and the answer. */
const readingShare = 0.75;
const minReading = 1_000;

/** Replaces the beginning of a history by a summary that a model writes. Changes nothing itself. */
export async function compact(deps: CompactDeps, input: Input): Promise<CompactOutcome> {
  const { history, limits, tokensBefore, signal } = input;
  // Something has to go even where everything would fit.
  const cut = findCut(history, Math.min(limits.keep, Math.floor(estimateMessages(history) / 2)));
  const firstKept = cut === undefined ? undefined : history[cut];
  if (cut === undefined || !firstKept) return { kind: "nothing" };
  // The demo's fixed answer would take the place of what was said.
  const models = input.models.filter((model) => model !== demoModel);
  const [writer] = models;
  if (!writer) return { kind: "failed", message: "no model provider is configured, and the demo cannot sum up" };
  const [first] = history;
  const writerThreshold = contextLimits(writer, deps.context).threshold;
  const earlier = first?.role === "system" ? first.summary : undefined;
  const written = await summarise(deps, {
    models,
    earlier,
    messages: history.slice(earlier === undefined ? 0 : 1, cut),
    instructions: [deps.context.compaction?.customInstructions, input.instructions].filter(
      (each): each is string => each !== undefined && each.trim() !== "",
    ),
    budget: Math.max(minReading, Math.floor(Math.min(limits.threshold, writerThreshold) * readingShare)),
    signal,
  });
  if (written.kind !== "written") return written;
  const kept = history.slice(cut);
  const summary = withRequest(written.summary, history.slice(0, cut), kept);
  const gone = estimateMessages(history.slice(0, cut));
  const added = estimateText(summaryFrame(summary));
  const message = {
    role: "system" as const,
    content: [{ type: "text" as const, text: "Compaction" }],
    timestamp: deps.clock.now(),
    summary,
    tokensBefore,
    // Rather too many than too few, but a summary never makes a context larger.
    tokensAfter: Math.min(tokensBefore, Math.max(estimateMessages(kept) + added, tokensBefore - gone + added)),
  };
  return {
    kind: "done",
    compaction: { message, firstKept },
    history: [message, ...kept],
    usage: written.usage,
  };
}

/** In the middle of a turn its request goes with the beginning: it is carried on word for word. */
function withRequest(summary: string, gone: readonly TranscriptMessage[], kept: readonly TranscriptMessage[]): string {
  if (kept.some(({ role }) => role === "user")) return summary;
  const request = gone.findLast((message) => message.role === "user");
  if (!request) return summary;
  return `${summary}\n\nThe person's latest request, in their own words:\n${shorten(visibleText(request), maxRequestChars)}`;
}
