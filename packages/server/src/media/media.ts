import type { CallerContent, ChatAttachment, MediaSource } from "@openclaw-gateway/protocol";
import type { UserContent } from "../conversations/conversation-store.ts";
import type { OutboundHttp } from "../outbound/outbound-http.ts";
import { documentText } from "./document-text.ts";
import { imageTypeOf, signatureBytes } from "./image-type.ts";
import type { MediaEntrance, MediaLimits } from "./media-limits.ts";
import type { ReadPdf } from "./read-pdf.ts";
import { isAddress, readSource } from "./read-source.ts";
import { refuseMedia } from "./refusal.ts";

export type MediaDeps = {
  limits: (entrance: MediaEntrance) => MediaLimits;
  outbound: OutboundHttp;
  readPdf: ReadPdf;
};

/** Makes what callers send into what a transcript holds and every model can be shown. */
export interface Media {
  /** A request: its lists of content are counted together. */
  open(entrance: MediaEntrance): MediaRequest;
}
export interface MediaRequest {
  /** Throws `GatewayError` that names the part. `where` is how the caller calls the list. */
  prepare(content: readonly CallerContent[], where: string): Promise<UserContent>;
  /** Files that came with a message of a chat, each under its own name. */
  attachment(attachment: ChatAttachment, name: string): Promise<ChatAttachment>;
}

export function createMedia({ limits: limitsOf, outbound, readPdf }: MediaDeps): Media {
  return {
    open: (entrance) => {
      const limits = limitsOf(entrance);
      const count = createCount(limits);

      async function image(source: MediaSource, at: string): Promise<UserContent[number]> {
        count.one("images", at);
        const { data, bytes } = await readSource(source, limits.images, outbound, at);
        count.imageBytes(bytes, at);
        const mimeType = imageTypeIn(data);
        const { allowedTypes } = limits.images;
        if (mimeType === undefined || !allowedTypes.has(mimeType))
          throw refuseMedia(at, `the image is none of ${[...allowedTypes].join(", ")}`);
        return { type: "image", data, mimeType };
      }

      async function file(source: MediaSource, given: string | undefined, at: string): Promise<UserContent[number]> {
        count.one("files", at);
        const fileName = safeName(given);
        const { data, saidType } = await readSource(source, limits.files, outbound, at);
        const document = { bytes: Buffer.from(data, "base64"), saidType, fileName };
        return { type: "text", text: await documentText(document, limits.files, readPdf, at), fileName };
      }

      async function part(each: CallerContent, at: string): Promise<UserContent[number]> {
        if (each.type === "text") return { type: "text", text: each.text };
        if (isAddress(each.source)) count.url(at);
        return each.type === "image" ? image(each.source, at) : file(each.source, each.fileName, at);
      }

      return {
        prepare: async (content, where) => {
          const parts: UserContent = [];
          // One after the other: a request takes one place at a time of what others wait for too.
          for (const [index, each] of content.entries()) parts.push(await part(each, `${where}[${index}]`));
          return parts;
        },
        attachment: async (given, name) => {
          const { content, mimeType } = given;
          if (typeof content !== "string") return given;
          const { data, saidType } = await readSource(
            { kind: "base64", data: content, ...(mimeType !== undefined && { mimeType }) },
            { ...limits.files, maxBytes: Number.POSITIVE_INFINITY },
            outbound,
            name,
          );
          const imageType = imageTypeIn(data);
          if (imageType !== undefined) return { ...given, content: data, mimeType: imageType };
          if (saidType?.startsWith("image/"))
            throw refuseMedia(name, `the content is no image, although it is said to be ${saidType}`);
          if (!data.startsWith(pdfStart))
            return { ...given, content: data, ...(saidType !== undefined && { mimeType: saidType }) };
          const document = { bytes: Buffer.from(data, "base64"), saidType, fileName: safeName(given.fileName) };
          const text = await documentText(document, limits.files, readPdf, name);
          return { ...given, mimeType: "text/plain", content: Buffer.from(text).toString("base64") };
        },
      };
    },
  };
}

/** `%PDF-` in base64, as far as whole characters go. */
const pdfStart = Buffer.from("%PDF-").toString("base64").slice(0, 6);

const imageTypeIn = (data: string) =>
  imageTypeOf(Buffer.from(data.slice(0, Math.ceil(signatureBytes / 3) * 4), "base64"));

function createCount({ images, files, maxUrls }: MediaLimits) {
  const counts = { images: 0, files: 0 };
  let urls = 0;
  let bytes = 0;
  return {
    one: (kind: "images" | "files", at: string): void => {
      const { maxCount } = kind === "images" ? images : files;
      if (++counts[kind] > maxCount) throw refuseMedia(at, `a request may have ${maxCount} ${kind}`);
    },
    url: (at: string): void => {
      if (++urls > maxUrls) throw refuseMedia(at, `a request may name ${maxUrls} addresses`);
    },
    imageBytes: (more: number, at: string): void => {
      bytes += more;
      if (bytes > images.maxTotalBytes)
        throw refuseMedia(at, `all images together are larger than the ${images.maxTotalBytes} bytes that are allowed`);
    },
  };
}

/** A name stands in what the model reads: it is one short line. */
const safeName = (name: string | undefined): string =>
  name
    ?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}[\]]+/gu, " ")
    .trim()
    .slice(0, 120) || "file";
