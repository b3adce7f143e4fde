import type { OutputReference, TranscriptMessage, UserMessage } from "@openclaw-gateway/protocol";

/** Puts back what a message keeps apart. What is no longer there stays an excerpt. */
export async function wholeMessage(
  message: TranscriptMessage,
  read: (id: string) => Promise<string | undefined>,
): Promise<TranscriptMessage> {
  if (message.role === "user") return { ...message, content: await wholeContent(message.content, read) };
  if (message.role !== "toolResult") return message;
  const content = await wholeContent(message.content, read);
  const reference = referenceIn(message.details);
  const details = reference && (await read(reference.id));
  return { ...message, content, ...(details !== undefined && { details: JSON.parse(details) as unknown }) };
}

const wholeContent = (content: UserMessage["content"], read: (id: string) => Promise<string | undefined>) =>
  Promise.all(
    content.map(async (part) => {
      const { reference, ...rest } = part;
      const found = reference && (await read(reference.id));
      if (found === undefined) return part;
      return rest.type === "image" ? { ...rest, data: found } : { ...rest, text: found };
    }),
  );

/** Details of a result that are kept apart are a reference and nothing else. */
function referenceIn(details: unknown): OutputReference | undefined {
  if (typeof details !== "object" || details === null || !("reference" in details)) return undefined;
  const { reference } = details;
  const isReference = typeof reference === "object" && reference !== null && "id" in reference && "bytes" in reference;
  return isReference ? (reference as OutputReference) : undefined;
}
