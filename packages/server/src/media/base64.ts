import { setImmediate } from "node:timers/promises";

const digits = /^[A-Za-z0-9+/]+$/;
const lastDigits = /^[A-Za-z0-9+/]+={0,2}$/;
/** Characters that are looked through at one go; other work comes in between. */
const sliceChars = 262_144;

const dataUrl = /^data:([^;,]*)(?:;[^;,]*)*;base64,/;

/** Base64 and what it is said to be, of a plain text or a data URL. */
export type Encoded = { data: string; mimeType: string | undefined };

/** Takes the head of a data URL off. */
export function readDataUrl(text: string): Encoded {
  const [head, mimeType] = dataUrl.exec(text.slice(0, 1_024)) ?? [];
  return head === undefined
    ? { data: text, mimeType: undefined }
    : { data: text.slice(head.length), mimeType: mimeType || undefined };
}

export async function isBase64(data: string): Promise<boolean> {
  if (data === "" || data.length % 4 !== 0) return false;
  for (let at = 0; at < data.length; at += sliceChars) {
    const isLast = at + sliceChars >= data.length;
    if (!(isLast ? lastDigits : digits).test(data.slice(at, at + sliceChars))) return false;
    if (!isLast) await setImmediate();
  }
  return true;
}

/** Bytes that a base64 text stands for, without decoding it. */
export const decodedBytes = (data: string): number =>
  (data.length / 4) * 3 - (data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0);
