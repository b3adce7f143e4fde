import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type ApartOutput, chunkBytes } from "../conversations/conversation-store.ts";

/** Characters that are encoded at one go; other work comes in between. */
const sliceChars = 524_288;

/** A text as the pieces that are stored, named by its hash. */
export async function cutOutput(text: string, kind: ApartOutput["reference"]["kind"]): Promise<ApartOutput> {
  const hash = createHash("sha256");
  const chunks: { start: number; data: Uint8Array }[] = [];
  let bytes = 0;
  for (let at = 0; at < text.length;) {
    const end = wholeCharacter(text, Math.min(at + sliceChars, text.length));
    const encoded = Buffer.from(text.slice(at, end), "utf8");
    hash.update(encoded);
    for (let from = 0; from < encoded.length; from += chunkBytes) {
      // A copy of its own: a view would take the whole slice along to the writer.
      const data = Uint8Array.from(encoded.subarray(from, from + chunkBytes));
      chunks.push({ start: bytes + from, data });
    }
    bytes += encoded.length;
    at = end;
    if (at < text.length) await setImmediate();
  }
  return { reference: { id: hash.digest("hex"), kind, bytes }, chunks };
}

/** The same place, or one before, when a character would be parted. */
function wholeCharacter(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return end < text.length && code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
