import { type ChatAttachment, GatewayError, limits } from "@openclaw-gateway/protocol";
import { decodedBytes, isBase64, readDataUrl } from "./base64.ts";
import type { Media } from "./media.ts";

/** What came with a message, checked and in the form that models are shown; names the file that is wrong. */
export async function prepareAttachments(
  media: Media,
  attachments: readonly ChatAttachment[],
): Promise<ChatAttachment[]> {
  const request = media.open("chat");
  const prepared: ChatAttachment[] = [];
  for (const [index, attachment] of attachments.entries()) {
    const name = attachment.fileName ?? `attachment-${index + 1}`;
    await check(attachment, name);
    prepared.push(await request.attachment(attachment, `Error: attachment ${name}`));
  }
  return prepared;
}

async function check({ content }: ChatAttachment, name: string): Promise<void> {
  const refuse = (why: string) => new GatewayError("INVALID_REQUEST", `Error: attachment ${name}: ${why}`);
  if (typeof content !== "string" || content === "") throw refuse("content must be base64 string");
  const { data } = readDataUrl(content);
  const bytes = decodedBytes(data);
  if (bytes > limits.attachmentBytes)
    throw refuse(`exceeds size limit (${Math.ceil(bytes)} > ${limits.attachmentBytes} bytes)`);
  if (!(await isBase64(data))) throw refuse("invalid base64 content");
}
