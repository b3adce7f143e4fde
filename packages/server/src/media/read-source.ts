import type { MediaSource } from "@openclaw-gateway/protocol";
import { OutboundError } from "../outbound/outbound-error.ts";
import type { OutboundHttp } from "../outbound/outbound-http.ts";
import { decodedBytes, isBase64, readDataUrl } from "./base64.ts";
import type { SourceLimits } from "./media-limits.ts";
import { refuseMedia } from "./refusal.ts";

/** Content as base64, and what its sender says it is. */
export type Content = { data: string; bytes: number; saidType: string | undefined };

export const isAddress = (source: MediaSource): boolean => source.kind === "url" && !/^data:/i.test(source.url);

/** Gets what a part of a request holds or names. `at` is where it stands. */
export async function readSource(
  source: MediaSource,
  limits: SourceLimits,
  outbound: OutboundHttp,
  at: string,
): Promise<Content> {
  if (source.kind === "url" && isAddress(source)) return fetchContent(source.url, limits, outbound, at);
  const { data, mimeType } = readDataUrl(source.kind === "url" ? source.url : source.data);
  // Its size first: a text that is too long is not looked through.
  const bytes = decodedBytes(data);
  if (bytes > limits.maxBytes) throw tooLarge(at, limits);
  if (!(await isBase64(data))) throw refuseMedia(at, "the content is not valid base64");
  const saidType = (source.kind === "base64" ? source.mimeType : undefined) ?? mimeType;
  return { data, bytes, saidType: saidType?.toLowerCase() };
}

async function fetchContent(
  url: string,
  { allowUrl, urlAllowlist, maxBytes, maxRedirects, timeoutMs }: SourceLimits,
  outbound: OutboundHttp,
  at: string,
): Promise<Content> {
  if (!allowUrl) throw refuseMedia(at, "addresses are not fetched here; send the content itself, as a data URL");
  if (!/^https:\/\//i.test(url)) throw refuseMedia(at, "only https: addresses are fetched");
  try {
    const { status, headers, body, truncated } = await outbound.request({
      url,
      maxBytes,
      maxRedirects,
      timeoutMs,
      ...(urlAllowlist && { onlyHosts: urlAllowlist }),
    });
    if (status !== 200) throw refuseMedia(at, `the address answered ${status}`);
    if (truncated) throw tooLarge(at, { maxBytes });
    const saidType = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
    return { data: Buffer.from(body).toString("base64"), bytes: body.byteLength, saidType };
  } catch (error) {
    if (error instanceof OutboundError) throw refuseMedia(at, error.message, error);
    throw error;
  }
}

const tooLarge = (at: string, { maxBytes }: Pick<SourceLimits, "maxBytes">) =>
  refuseMedia(at, `the content is larger than the ${maxBytes} bytes that are allowed`);
