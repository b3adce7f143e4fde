import type { AssistantMessage, ChatAttachment, TranscriptMessage } from "@openclaw-gateway/protocol";

const charsPerToken = 4;
/** Of writing outside ASCII. */
const wideCharsPerToken = 1.5;
const imageTokens = 1_200;
/** What a provider's form adds to each message. */
const messageOverhead = 4;

/** Tokens of a text, without the model's own tokenizer; rather too many than too few. */
export function estimateText(text: string): number {
  // Written for speed: whole conversations pass through here.
  let wide = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) wide++;
  return Math.ceil((text.length - wide) / charsPerToken + wide / wideCharsPerToken);
}

/** Tokens of a message as the model is sent it. */
export function estimateMessage(message: TranscriptMessage): number {
  if (message.role === "system") return messageOverhead + estimateText(message.summary);
  const parts = message.content.map((part) => {
    switch (part.type) {
      case "text":
        return estimateText(part.text);
      case "image":
        return imageTokens;
      case "toolCall":
        return estimateText(part.name) + estimateText(JSON.stringify(part.arguments));
      case "thinking":
        // Sent back only by some providers and only within a turn.
        return 0;
      default:
        return part satisfies never;
    }
  });
  return parts.reduce((sum, tokens) => sum + tokens, messageOverhead);
}

export const estimateMessages = (messages: readonly TranscriptMessage[]): number =>
  messages.reduce((sum, message) => sum + estimateMessage(message), 0);

/** `content` is base64: four characters for three bytes. */
export const estimateAttachments = (attachments: readonly ChatAttachment[]): number =>
  attachments.reduce((sum, { content, mimeType = "" }) => {
    if (typeof content !== "string") return sum;
    return sum + (mimeType.startsWith("text/") ? Math.ceil((content.length * 3) / 4 / charsPerToken) : imageTokens);
  }, 0);

/**
 * Tokens of the context that the next call sends: what the provider counted last, and an estimate of what came after. A
 * count from before the compaction is of another context; then everything is estimated, `frame` (system prompt, tools)
 * included.
 */
export function estimateContext(history: readonly TranscriptMessage[], frame: number): number {
  const [first] = history;
  const since = first?.role === "system" ? first.timestamp : Number.NEGATIVE_INFINITY;
  const counted = history.findLastIndex((message) => isCounted(message) && message.timestamp > since);
  const last = history[counted];
  if (last?.role !== "assistant") return frame + estimateMessages(history);
  return countedTokens(last) + estimateMessages(history.slice(counted + 1));
}

const countedTokens = ({ usage }: AssistantMessage): number =>
  usage.input + usage.cacheRead + usage.cacheWrite + usage.output;

const isCounted = (message: TranscriptMessage): boolean =>
  message.role === "assistant" && message.stopReason !== "error" && countedTokens(message) > 0;
