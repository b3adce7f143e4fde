/** Kinds of images that models take. */
export const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
export type ImageType = (typeof imageTypes)[number];

/** Bytes an image is recognised by at most. */
export const signatureBytes = 12;

/** What an image is by its first bytes; what its sender says it is does not count. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  const at = (offset: number, text: string): boolean =>
    [...text].every((letter, index) => bytes[offset + index] === letter.charCodeAt(0));
  if (at(0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (at(0, "\xff\xd8\xff")) return "image/jpeg";
  if (at(0, "GIF87a") || at(0, "GIF89a")) return "image/gif";
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  return undefined;
}
