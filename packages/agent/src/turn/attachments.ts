import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from "@ai-sdk/provider";
import type { ChatAttachment } from "@openclaw-gateway/protocol";
import type { Model } from "../providers/model.ts";

type Part = LanguageModelV4TextPart | LanguageModelV4FilePart;

const maxTextChars = 200_000;

/** Attachments as the model can take them; what it cannot take is named, so that the answer can say so. */
export function attachmentParts(attachments: readonly ChatAttachment[], model: Model): Part[] {
  return attachments.map((attachment) => {
    const { data, mimeType } = payloadOf(attachment);
    const name = attachment.fileName ?? attachment.type ?? "file";
    if (data === undefined) return note(name, mimeType, "it has no content");
    if (mimeType.startsWith("image/")) {
      return model.takesImages
        ? file(data, mimeType, attachment.fileName)
        : note(name, mimeType, "this model takes no images");
    }
    if (mimeType === "application/pdf" && model.api !== "demo") return file(data, mimeType, attachment.fileName);
    if (mimeType.startsWith("text/") || mimeType === "application/json") {
      const text = Buffer.from(data, "base64").toString("utf8");
      const shown = text.length > maxTextChars ? `${text.slice(0, maxTextChars)}\n[the rest is left out]` : text;
      return { type: "text", text: `[attached file ${name}]\n${shown}` };
    }
    return note(name, mimeType, "this kind of file cannot be shown to the model");
  });
}

/** `content` is base64, with or without the head of a data URL. */
function payloadOf({ content, mimeType }: ChatAttachment): { data: string | undefined; mimeType: string } {
  const given = mimeType ?? "application/octet-stream";
  if (typeof content !== "string" || content === "") return { data: undefined, mimeType: given };
  const url = /^data:([^;,]*);base64,/.exec(content);
  return url
    ? { data: content.slice(url[0].length), mimeType: mimeType ?? (url[1] || given) }
    : { data: content, mimeType: given };
}

const file = (data: string, mediaType: string, filename: string | undefined): Part => ({
  type: "file",
  data: { type: "data", data },
  mediaType,
  ...(filename !== undefined && { filename }),
});

const note = (name: string, mimeType: string, reason: string): Part => ({
  type: "text",
  text: `[attachment ${name} (${mimeType}) is left out: ${reason}]`,
});
