const base64 = /^[A-Za-z0-9+/]+={0,2}$/;
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

export const isBase64 = (data: string): boolean => data.length % 4 === 0 && base64.test(data);

/** Bytes that a base64 text stands for, without decoding it. */
export const decodedBytes = (data: string): number =>
  (data.length / 4) * 3 - (data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0);
