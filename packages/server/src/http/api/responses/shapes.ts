import type { Result } from "@openclaw-gateway/protocol";
import type { OutputItem } from "./output.ts";

export type Head = { id: string; createdAt: number; model: string; echo: Readonly<Record<string, unknown>> };
type Usage = Result<"turns.run">["usage"];
export type ResponseStatus = "in_progress" | "queued" | "completed" | "incomplete" | "failed" | "cancelled";
export type Ending = {
  status: ResponseStatus;
  /** Why a response has failed. */
  error?: { code: string; message: string };
  /** Why it is incomplete. */
  reason?: "max_output_tokens";
};

/** Providers differ in whether cached tokens are part of the input; OpenAI's clients expect that they are. */
function usageOf({ input, output, cacheRead, cacheWrite }: Usage) {
  const read = input + cacheRead + cacheWrite;
  return {
    input_tokens: read,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: read + output,
  };
}

export const nothingUsed: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** A response as it is now. */
export const responseOf = (
  { id, createdAt, model, echo }: Head,
  { status, error, reason }: Ending,
  output: readonly OutputItem[],
  usage: Usage,
) => ({
  id,
  object: "response",
  created_at: createdAt,
  status,
  background: false,
  error: error ?? null,
  incomplete_details: reason === undefined ? null : { reason },
  model,
  output: [...output],
  usage: usageOf(usage),
  ...echo,
});
