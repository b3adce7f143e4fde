import type { CallerCall, CallerStep, Result, TranscriptMessage } from "@openclaw-gateway/protocol";

type Usage = NonNullable<Result<"turns.get">["found"]>["usage"];

/** What a turn has told, put together again from its messages; calls are those that its caller was to answer. */
export function toldSteps(messages: readonly TranscriptMessage[]): { steps: CallerStep[]; usage: Usage } {
  const answered = new Set(messages.flatMap((each) => (each.role === "toolResult" ? [each.toolCallId] : [])));
  const usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const steps: CallerStep[] = [];
  let calls: CallerCall[] = [];
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    calls = [];
    for (const part of message.content) {
      if (part.type === "text") steps.push({ type: "text", delta: part.text });
      else if (part.type === "thinking") steps.push({ type: "reasoning", delta: part.thinking });
      else if (!answered.has(part.id)) calls.push({ callId: part.id, name: part.name, arguments: part.arguments });
    }
    steps.push({ type: "part-end" });
    for (const kind of ["input", "output", "cacheRead", "cacheWrite"] as const) usage[kind] += message.usage[kind];
  }
  if (calls.length > 0) steps.push({ type: "calls", calls });
  return { steps, usage };
}
