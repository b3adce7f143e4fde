import type { AssistantMessage, TranscriptMessage } from "@openclaw-gateway/protocol";
import type { Entry } from "./entries.ts";
import { type LiveRun, referencesOfResult, textOfResult, type ToolActivity } from "./live-run.ts";
import { textAfter } from "./text-after.ts";

export type Part =
  | { kind: "text"; text: string }
  | { kind: "reasoning"; text: string; isLive: boolean }
  | { kind: "tool"; tool: ToolActivity };

/** How an answer ended when not in the usual way. */
export type Ending = { kind: "error" | "aborted" | "interrupted" | "length"; message: string | undefined };

export type UserItem = {
  kind: "user";
  id: string;
  runId: string | undefined;
  text: string;
  images: number;
  timestamp: number;
};
export type AnswerItem = {
  kind: "answer";
  id: string;
  runId: string | undefined;
  parts: readonly Part[];
  ending: Ending | undefined;
  isLive: boolean;
  /** What a run without words is doing. */
  phase: string | undefined;
  model: string | undefined;
  timestamp: number | undefined;
};
/** Where the beginning gave way to a summary. */
export type SummaryItem = { kind: "summary"; id: string; runId: undefined; summary: string };
export type Item = UserItem | AnswerItem | SummaryItem;

/** The stored messages as turns: an answer is everything the assistant and its tools wrote for one run. */
export function storedItems(entries: readonly Entry[]): readonly Item[] {
  const items: Item[] = [];
  for (const { id, runId, message } of entries) {
    if (message.role === "user") {
      items.push(toUserItem(id, runId, message));
      continue;
    }
    const last = items.at(-1);
    if (message.role === "system") {
      const item: SummaryItem = { kind: "summary", id, runId: undefined, summary: message.summary };
      // One that was written during an answer does not part it.
      const isWithin = last?.kind === "answer" && runId !== undefined && last.runId === runId;
      items.splice(isWithin ? -1 : items.length, 0, item);
      continue;
    }
    const open = last?.kind === "answer" && isContinued(last, runId) ? last : undefined;
    if (message.role === "toolResult") {
      if (open) items[items.length - 1] = { ...open, parts: withResult(open.parts, message) };
      continue;
    }
    const answer = open ?? emptyAnswer(runId === undefined ? id : `run-${runId}`, runId);
    const next: AnswerItem = {
      ...answer,
      parts: [...answer.parts, ...toParts(message)],
      ending: endingOf(message),
      model: `${message.provider}/${message.model}`,
      timestamp: message.timestamp,
    };
    if (open) items[items.length - 1] = next;
    else items.push(next);
  }
  return items;
}

/** Messages of one run are one answer. Those without a run belong together only around a tool. */
const isContinued = (last: AnswerItem, runId: string | undefined): boolean =>
  last.runId === runId && (runId !== undefined || last.parts.some(({ kind }) => kind === "tool"));

/** Adds what runs say beyond the transcript. Items that did not change stay the same objects. */
export function withRuns(
  stored: readonly Item[],
  entries: readonly Entry[],
  runs: readonly LiveRun[],
): readonly Item[] {
  if (runs.length === 0) return stored;
  const items = [...stored];
  for (const run of runs) {
    const at = items.findLastIndex((item) => item.runId === run.runId);
    const found = items[at];
    const base = found?.kind === "answer" ? found : emptyAnswer(`run-${run.runId}`, run.runId);
    const item = withRun(base, entries, run);
    if (found?.kind === "answer") items[at] = item;
    else items.splice(found === undefined ? items.length : at + 1, 0, item);
  }
  return items;
}

function withRun(base: AnswerItem, entries: readonly Entry[], run: LiveRun): AnswerItem {
  const { fold, reasoning } = run;
  const stored = entries
    .filter(({ runId, message }) => runId === run.runId && message.role === "assistant")
    .map(({ message }) => textOf(message))
    .filter((text) => text !== "");
  const tail = textAfter(fold.text, stored.join("\n\n"));
  const parts = base.parts.map((part) =>
    part.kind === "tool" ? { ...part, tool: newerTool(part.tool, run.tools) } : part,
  );
  const known = new Set(parts.flatMap((part) => (part.kind === "tool" ? [part.tool.toolCallId] : [])));
  const isLive = fold.state === "pending" || fold.state === "streaming";
  if (reasoning !== "") parts.push({ kind: "reasoning", text: reasoning, isLive: isLive && tail === "" });
  if (tail !== "") parts.push({ kind: "text", text: tail });
  for (const tool of run.tools) {
    if (!known.has(tool.toolCallId)) parts.push({ kind: "tool", tool });
  }
  return { ...base, parts, isLive, phase: fold.phase, ending: isLive ? undefined : (endingOfRun(run) ?? base.ending) };
}

const newerTool = (tool: ToolActivity, live: readonly ToolActivity[]): ToolActivity =>
  tool.status === "running" ? (live.find(({ toolCallId }) => toolCallId === tool.toolCallId) ?? tool) : tool;

function endingOfRun({ fold }: LiveRun): Ending | undefined {
  if (fold.state === "error") return { kind: "error", message: fold.errorMessage };
  return fold.state === "aborted" ? { kind: "aborted", message: undefined } : undefined;
}

const emptyAnswer = (id: string, runId: string | undefined): AnswerItem => ({
  kind: "answer",
  id,
  runId,
  parts: [],
  ending: undefined,
  isLive: false,
  phase: undefined,
  model: undefined,
  timestamp: undefined,
});

function toUserItem(
  id: string,
  runId: string | undefined,
  message: Extract<TranscriptMessage, { role: "user" }>,
): UserItem {
  const images = message.content.filter(({ type }) => type === "image").length;
  return {
    kind: "user",
    id: runId === undefined ? id : `sent-${runId}`,
    runId,
    text: textOf(message),
    images,
    timestamp: message.timestamp,
  };
}

/** The visible text of a message. Older messages may hold a plain string. */
export function textOf({ content }: Pick<TranscriptMessage, "content">): string {
  if (typeof content === "string") return content;
  return content
    .flatMap((part) => (part.type === "text" && typeof part.text === "string" ? [part.text] : []))
    .join("\n\n");
}

function toParts(message: AssistantMessage): Part[] {
  if (typeof message.content === "string") return [{ kind: "text", text: message.content }];
  return message.content.flatMap((part): Part[] => {
    switch (part.type) {
      case "text":
        return part.text === "" ? [] : [{ kind: "text", text: part.text }];
      case "thinking":
        return part.thinking.trim() === "" ? [] : [{ kind: "reasoning", text: part.thinking, isLive: false }];
      case "toolCall":
        return [
          { kind: "tool", tool: { toolCallId: part.id, name: part.name, args: part.arguments, status: "running" } },
        ];
      default:
        return [];
    }
  });
}

function withResult(
  parts: readonly Part[],
  result: Extract<TranscriptMessage, { role: "toolResult" }>,
): readonly Part[] {
  const output = textOfResult(result);
  const references = referencesOfResult(result);
  const status = result.isError ? "failed" : "done";
  return parts.map((part) =>
    part.kind === "tool" && part.tool.toolCallId === result.toolCallId
      ? { ...part, tool: { ...part.tool, output, references, status } }
      : part,
  );
}

function endingOf({ stopReason, errorMessage }: AssistantMessage): Ending | undefined {
  switch (stopReason) {
    case "error":
    case "aborted":
    case "interrupted":
    case "length":
      return { kind: stopReason, message: errorMessage };
    default:
      return undefined;
  }
}
