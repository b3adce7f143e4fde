import { type ChatAttachment, GatewayError, limits } from "@openclaw-gateway/protocol";

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Checks what came with a message; names the file that is wrong. */
export function checkAttachments(attachments: readonly ChatAttachment[]): void {
  for (const [index, { fileName, content }] of attachments.entries()) {
    const name = fileName ?? `attachment-${index + 1}`;
    const refuse = (why: string) => new GatewayError("INVALID_REQUEST", `Error: attachment ${name}: ${why}`);
    if (typeof content !== "string" || content === "") throw refuse("content must be base64 string");
    const data = content.startsWith("data:") ? content.slice(content.indexOf(",") + 1) : content;
    if (!base64.test(data)) throw refuse("invalid base64 content");
    const bytes = (data.length / 4) * 3;
    if (bytes > limits.attachmentBytes)
      throw refuse(`exceeds size limit (${Math.ceil(bytes)} > ${limits.attachmentBytes} bytes)`);
  }
}
