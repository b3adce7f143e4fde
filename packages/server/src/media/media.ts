import type { CallerContent, CallerEntrance, MediaSource } from "@openclaw-gateway/protocol";
import { GatewayError } from "@openclaw-gateway/protocol";
import type { UserContent } from "../conversations/conversation-store.ts";
import { decodedBytes, isBase64, readDataUrl } from "./base64.ts";
import { imageTypeOf, imageTypes, signatureBytes } from "./image-type.ts";
import type { MediaLimits } from "./media-limits.ts";

/** Makes what callers send into what a transcript holds and every model can be shown. */
export interface Media {
  /** Throws `GatewayError` that names the part. `where` is how the caller calls the list. */
  prepare(content: readonly CallerContent[], entrance: CallerEntrance, where: string): Promise<UserContent>;
}

export function createMedia(deps: { limits: (entrance: CallerEntrance) => MediaLimits }): Media {
  return {
    prepare: async (content, entrance, where) => {
      const limits = deps.limits(entrance);
      const images = content.filter(({ type }) => type === "image").length;
      if (images > limits.images.maxCount)
        throw refuse(where, `has ${images} images; ${limits.images.maxCount} are allowed`);
      const parts: UserContent = [];
      for (const [index, part] of content.entries()) {
        const at = `${where}[${index}]`;
        if (part.type === "text") parts.push({ type: "text", text: part.text });
        else if (part.type === "image") parts.push(await image(part.source, limits, at));
        else throw refuse(at, "files are not taken here");
      }
      return parts;
    },
  };
}

async function image(source: MediaSource, { images }: MediaLimits, at: string): Promise<UserContent[number]> {
  if (source.kind === "url" && !source.url.startsWith("data:"))
    throw refuse(at, "images are taken as data URLs or base64 only");
  const { data } = source.kind === "url" ? readDataUrl(source.url) : readDataUrl(source.data);
  if (!isBase64(data)) throw refuse(at, "the image is not valid base64");
  const bytes = decodedBytes(data);
  if (bytes > images.maxBytes) throw refuse(at, `the image has ${bytes} bytes; ${images.maxBytes} are allowed`);
  const mimeType = imageTypeOf(Buffer.from(data.slice(0, Math.ceil(signatureBytes / 3) * 4), "base64"));
  if (mimeType === undefined || !images.allowedTypes.has(mimeType))
    throw refuse(at, `the image is none of ${imageTypes.filter((type) => images.allowedTypes.has(type)).join(", ")}`);
  return { type: "image", data, mimeType };
}

const refuse = (at: string, why: string): GatewayError =>
  new GatewayError("INVALID_REQUEST", `${at}: ${why}`, { details: { reason: "media", at } });
