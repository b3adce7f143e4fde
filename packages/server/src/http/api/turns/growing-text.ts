import type { CallerStep } from "@openclaw-gateway/protocol";
import { ApiError } from "../api-error.ts";

/** Between the texts of two model calls, as in the whole text of a turn. */
const separator = "\n\n";

/**
 * The text of a turn for a reader who cannot be made to forget: what was told stays told. When a model call fails and is
 * made again, its new text is told from where it goes on beyond the old one; one that says something else cannot be told.
 */
export function createGrowingText() {
  /** Of the model call under way: what its reader knows, and what it says now. */
  let told = "";
  let said = "";
  let hasFinished = false;
  let whole = "";

  function tell(): string {
    if (told.startsWith(said)) return "";
    if (!said.startsWith(told)) throw restarted();
    const news = (told === "" && hasFinished ? separator : "") + said.slice(told.length);
    told = said;
    whole += news;
    return news;
  }

  return {
    /** What to tell after this step. Throws when what was told is not true any more. */
    take: (step: CallerStep): string => {
      switch (step.type) {
        case "text":
          said += step.delta;
          return tell();
        case "part-void":
          said = "";
          return "";
        case "part-end":
          if (said !== told) throw restarted();
          hasFinished ||= told !== "";
          told = "";
          said = "";
          return "";
        case "reasoning":
        case "calls":
          return "";
        default:
          return step satisfies never;
      }
    },
    /** What is still to be told of the text as it is at last. */
    rest: (text: string): string => {
      if (!text.startsWith(whole)) throw restarted();
      const news = text.slice(whole.length);
      whole = text;
      return news;
    },
  };
}

const restarted = (): ApiError =>
  new ApiError(502, "the provider failed in the middle of the answer, and its second answer is another one", {
    type: "server_error",
    code: "answer_restarted",
    mayRetry: false,
  });
