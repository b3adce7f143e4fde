import type { CallerCall, CallerStep } from "@openclaw-gateway/protocol";
import { createGrowingText } from "../turns/growing-text.ts";

type Status = "in_progress" | "completed" | "incomplete";
type TextPart = { type: "output_text"; text: string; annotations: never[] };
type SummaryPart = { type: "summary_text"; text: string };
export type OutputItem =
  | { type: "message"; id: string; role: "assistant"; content: TextPart[]; status: Status }
  | { type: "reasoning"; id: string; summary: SummaryPart[]; status: Status }
  | { type: "function_call"; id: string; call_id: string; name: string; arguments: string; status: Status };

/** An event of the stream, without the number that every one gets. */
export type OutputEvent = { type: string } & Record<string, unknown>;

type Growing = { kind: "message" | "reasoning"; id: string; index: number; text: string };

const textPart = (text: string): TextPart => ({ type: "output_text", text, annotations: [] });
const summaryPart = (text: string): SummaryPart => ({ type: "summary_text", text });

/**
 * The output of a turn as items that grow, one at a time, with the events that tell of it. The same steps make the same
 * items with the same ids, whether they are told while they happen or read later from the transcript.
 */
export function createOutput(responseId: string) {
  const stem = responseId.replace(/^[a-z]+_/, "");
  const items: OutputItem[] = [];
  const text = createGrowingText();
  let open: Growing | undefined;
  let toldCalls = 0;

  const idOf = (prefix: string): string => `${prefix}_${stem}-${items.length + (open ? 1 : 0)}`;

  function* opened(kind: Growing["kind"]): Generator<OutputEvent, Growing> {
    if (open?.kind === kind) return open;
    yield* closed("completed");
    const index = items.length;
    const id = idOf(kind === "message" ? "msg" : "rs");
    open = { kind, id, index, text: "" };
    const item =
      kind === "message" ? messageOf(open, "in_progress") : { ...reasoningOf(open, "in_progress"), summary: [] };
    yield {
      type: "response.output_item.added",
      output_index: index,
      item: kind === "message" ? { ...item, content: [] } : item,
    };
    const place = { item_id: id, output_index: index };
    yield kind === "message"
      ? { type: "response.content_part.added", ...place, content_index: 0, part: textPart("") }
      : { type: "response.reasoning_summary_part.added", ...place, summary_index: 0, part: summaryPart("") };
    return open;
  }

  function* grown(kind: Growing["kind"], delta: string): Generator<OutputEvent, void> {
    if (delta === "") return;
    const item = yield* opened(kind);
    item.text += delta;
    const place = { item_id: item.id, output_index: item.index };
    yield kind === "message"
      ? { type: "response.output_text.delta", ...place, content_index: 0, delta, logprobs: [] }
      : { type: "response.reasoning_summary_text.delta", ...place, summary_index: 0, delta };
  }

  function* closed(status: "completed" | "incomplete"): Generator<OutputEvent, void> {
    if (!open) return;
    const { kind, id, index, text: whole } = open;
    const place = { item_id: id, output_index: index };
    if (kind === "message") {
      yield { type: "response.output_text.done", ...place, content_index: 0, text: whole, logprobs: [] };
      yield { type: "response.content_part.done", ...place, content_index: 0, part: textPart(whole) };
    } else {
      yield { type: "response.reasoning_summary_text.done", ...place, summary_index: 0, text: whole };
      yield { type: "response.reasoning_summary_part.done", ...place, summary_index: 0, part: summaryPart(whole) };
    }
    const item = kind === "message" ? messageOf(open, status) : reasoningOf(open, status);
    items.push(item);
    open = undefined;
    yield { type: "response.output_item.done", output_index: index, item };
  }

  function* called({ callId, name, arguments: args }: CallerCall): Generator<OutputEvent, void> {
    yield* closed("completed");
    const index = items.length;
    const id = idOf("fc");
    const written = JSON.stringify(args);
    const item = { type: "function_call" as const, id, call_id: callId, name, arguments: written };
    const place = { item_id: id, output_index: index };
    yield {
      type: "response.output_item.added",
      output_index: index,
      item: { ...item, arguments: "", status: "in_progress" },
    };
    yield { type: "response.function_call_arguments.delta", ...place, delta: written };
    yield { type: "response.function_call_arguments.done", ...place, name, arguments: written };
    const done = { ...item, status: "completed" as const };
    items.push(done);
    yield { type: "response.output_item.done", output_index: index, item: done };
  }

  return {
    /** Finished items, in order. */
    items: items as readonly OutputItem[],
    /** Throws when what was told is not true any more. */
    take: function* (step: CallerStep): Generator<OutputEvent, void> {
      const news = text.take(step);
      if (step.type === "reasoning") yield* grown("reasoning", step.delta);
      yield* grown("message", news);
      if (step.type === "calls") {
        for (const call of step.calls.slice(toldCalls)) yield* called(call);
        toldCalls = step.calls.length;
      }
    },
    /** The end of a turn, with what no step has told. A turn without a word has an empty message. */
    finish: function* (
      { text: whole, calls = [] }: { text?: string; calls?: readonly CallerCall[] },
      isCut: boolean,
    ): Generator<OutputEvent, void> {
      if (whole !== undefined) yield* grown("message", text.rest(whole));
      const hasAnswer = open?.kind === "message" || items.some(({ type }) => type !== "reasoning") || calls.length > 0;
      if (!hasAnswer && !isCut) yield* opened("message");
      yield* closed(isCut ? "incomplete" : "completed");
      for (const call of calls.slice(toldCalls)) yield* called(call);
      toldCalls = calls.length;
    },
    /** The end of a turn that has failed. */
    breakOff: (): Generator<OutputEvent, void> => closed("incomplete"),
  };
}

const messageOf = ({ id, text }: Growing, status: Status) => ({
  type: "message" as const,
  id,
  role: "assistant" as const,
  content: [textPart(text)],
  status,
});
const reasoningOf = ({ id, text }: Growing, status: Status) => ({
  type: "reasoning" as const,
  id,
  summary: [summaryPart(text)],
  status,
});
