import type { CallerCall } from "@openclaw-gateway/protocol";
import type { TurnResult } from "../turns/run-turn.ts";

type Head = { id: string; created: number; model: string };

const finishReasonOf = ({ stopReason }: TurnResult): "stop" | "length" | "tool_calls" =>
  stopReason === "length" || stopReason === "tool_calls" ? stopReason : "stop";

const usageOf = ({ usage: { input, output, cacheRead, cacheWrite } }: TurnResult) => {
  // Providers differ in whether cached tokens are part of the input; OpenAI's clients expect that they are.
  const prompt = input + cacheRead + cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  };
};

const toolCallOf = ({ callId, name, arguments: args }: CallerCall) => ({
  id: callId,
  type: "function",
  function: { name, arguments: JSON.stringify(args) },
});

/** The whole answer. */
export const completion = ({ id, created, model }: Head, result: TurnResult) => ({
  id,
  object: "chat.completion",
  created,
  model,
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: result.text === "" && result.calls.length > 0 ? null : result.text,
        refusal: null,
        ...(result.calls.length > 0 && { tool_calls: result.calls.map(toolCallOf) }),
      },
      logprobs: null,
      finish_reason: finishReasonOf(result),
    },
  ],
  usage: usageOf(result),
});

/** The pieces of an answer that is told as it comes. */
export function chunksOf({ id, created, model }: Head, includesUsage: boolean) {
  const chunk = (delta: object, finishReason: string | null = null): string =>
    JSON.stringify({
      id,
      object: "chat.completion.chunk",
      created,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      // Where usage is wanted, every piece has the member.
      ...(includesUsage && { usage: null }),
    });
  return {
    role: (): string => chunk({ role: "assistant", content: "" }),
    text: (content: string): string => chunk({ content }),
    calls: (calls: readonly CallerCall[], from: number): string =>
      chunk({ tool_calls: calls.map((call, index) => ({ index: from + index, ...toolCallOf(call) })) }),
    end: (result: TurnResult): string => chunk({}, finishReasonOf(result)),
    usage: (result: TurnResult): string =>
      JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices: [], usage: usageOf(result) }),
  };
}
