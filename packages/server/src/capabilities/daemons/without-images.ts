import type { ChatAttachment, TranscriptMessage } from "@openclaw-gateway/protocol";

/**
 * What a daemon is sent of a history: images of the question come apart, as it gets those of a chat; of earlier messages
 * it is told that there were some.
 */
export function withoutImages(history: readonly TranscriptMessage[]): {
  messages: TranscriptMessage[];
  images: ChatAttachment[];
} {
  const question = history.findLastIndex(({ role }) => role === "user");
  const images: ChatAttachment[] = [];
  const messages = history.map((message, index) => {
    if (message.role !== "user" || message.content.every(({ type }) => type === "text")) return message;
    const content = message.content.map((part) => {
      if (part.type === "text") return part;
      if (index === question) images.push({ type: "image", mimeType: part.mimeType, content: part.data });
      return { type: "text" as const, text: "[image]" };
    });
    return { ...message, content };
  });
  return { messages, images };
}
