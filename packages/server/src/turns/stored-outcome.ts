import { type AssistantMessage, visibleText } from "@openclaw-gateway/protocol";
import type { StoredMessage, StoredRun } from "../conversations/conversation-store.ts";
import { betweenTexts } from "./chat-text.ts";
import type { RunOutcome } from "./run-registry.ts";

type EndedRun = StoredRun & { state: RunOutcome["state"] };

/** How a run of an earlier life ended, from its row and what the transcript still has of it. */
export function storedOutcome(run: EndedRun, messages: readonly StoredMessage[], now: number): RunOutcome {
  const own = messages.filter(({ runId }) => runId === run.runId).map(({ message }) => message);
  const answers = own.filter((message) => message.role === "assistant");
  const last = answers.at(-1);
  const text = answers
    .map((message) => visibleText(message))
    .filter((each) => each !== "")
    .join(betweenTexts);
  const answered = new Set(own.flatMap((message) => (message.role === "toolResult" ? [message.toolCallId] : [])));
  // What nobody answered within the run is the caller's to answer.
  const calls = run.state === "done" && last ? callsOf(last).filter(({ callId }) => !answered.has(callId)) : [];
  const stopReason = calls.length > 0 ? "tool_calls" : last?.stopReason === "length" ? "length" : run.stopReason;
  return {
    state: run.state,
    payloads: text === "" ? [] : [{ text, mediaUrl: null }],
    calls,
    startedAt: run.startedAt,
    endedAt: run.endedAt ?? now,
    ...(answers.length > 0 && { usage: usageOf(answers) }),
    ...(last && { model: { provider: last.provider, id: last.model } }),
    ...(run.error !== undefined && { error: run.error }),
    ...(stopReason !== undefined && { stopReason }),
  };
}

const callsOf = ({ content }: AssistantMessage) =>
  content.flatMap((part) =>
    part.type === "toolCall" ? [{ callId: part.id, name: part.name, arguments: part.arguments }] : [],
  );

const usageOf = (answers: readonly AssistantMessage[]): NonNullable<RunOutcome["usage"]> =>
  answers.reduce(
    (sum, { usage }) => ({
      input: sum.input + usage.input,
      output: sum.output + usage.output,
      cacheRead: sum.cacheRead + usage.cacheRead,
      cacheWrite: sum.cacheWrite + usage.cacheWrite,
    }),
    { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  );
