import { type CallerEntrance, limits } from "@openclaw-gateway/protocol";
import type { GatewayConfig } from "../config/schema.ts";
import { imageTypes } from "./image-type.ts";

/** What of one kind may be sent, and how it is fetched where it is named by address. */
export type SourceLimits = {
  /** Of one request. */
  maxCount: number;
  /** Of one. */
  maxBytes: number;
  allowedTypes: ReadonlySet<string>;
  allowUrl: boolean;
  /** Only these hosts; every public one when absent. */
  urlAllowlist?: readonly string[];
  maxRedirects: number;
  timeoutMs: number;
};

export type MediaLimits = {
  images: SourceLimits & {
    /** Bytes of all images of a request. */
    maxTotalBytes: number;
  };
  files: SourceLimits & {
    /** Characters that the model is shown of one file. */
    maxChars: number;
    pdf: {
      /** Pages that are read. */
      maxPages: number;
      /** Milliseconds that reading may take. */
      timeoutMs: number;
    };
  };
  /** Images and files that are named by address, together. */
  maxUrls: number;
};

/** Where content comes in. */
export type MediaEntrance = CallerEntrance | "chat";

const MiB = 1_048_576;
const fetching = { maxRedirects: 3, timeoutMs: 10_000 };
export const documentTypes = [
  "text/plain",
  "text/markdown",
  "text/html",
  "text/csv",
  "application/json",
  "application/pdf",
] as const;

/** What existing installations have where their configuration says nothing. */
const responses: MediaLimits = {
  images: {
    maxCount: 32,
    maxBytes: 10 * MiB,
    maxTotalBytes: 20 * MiB,
    allowedTypes: new Set(imageTypes),
    allowUrl: true,
    ...fetching,
  },
  files: {
    maxCount: 32,
    maxBytes: 5 * MiB,
    maxChars: 200_000,
    allowedTypes: new Set(documentTypes),
    allowUrl: true,
    ...fetching,
    pdf: { maxPages: 4, timeoutMs: 20_000 },
  },
  maxUrls: 8,
};
const chatCompletions: MediaLimits = {
  ...responses,
  images: { ...responses.images, maxCount: 8, allowUrl: false },
  files: { ...responses.files, allowUrl: false },
};
const chat: MediaLimits = {
  images: {
    ...responses.images,
    maxBytes: limits.attachmentBytes,
    maxTotalBytes: limits.payloadBytes,
    allowUrl: false,
  },
  files: {
    ...responses.files,
    maxBytes: limits.attachmentBytes,
    allowUrl: false,
    pdf: { ...responses.files.pdf, maxPages: 100 },
  },
  maxUrls: 0,
};

/** The limits of an entrance, as the configuration says now. */
export function mediaLimits(entrance: MediaEntrance, config: GatewayConfig): MediaLimits {
  const endpoints = config.gateway?.http?.endpoints;
  if (entrance === "chat") return chat;
  if (entrance === "chatCompletions") {
    const { images, maxImageParts, maxTotalImageBytes } = endpoints?.chatCompletions ?? {};
    return {
      ...chatCompletions,
      images: {
        ...withSource(chatCompletions.images, images),
        maxCount: maxImageParts ?? chatCompletions.images.maxCount,
        maxTotalBytes: maxTotalImageBytes ?? chatCompletions.images.maxTotalBytes,
      },
    };
  }
  const { images, files, maxUrlParts } = endpoints?.responses ?? {};
  return {
    images: withSource(responses.images, images),
    files: {
      ...withSource(responses.files, files),
      maxChars: files?.maxChars ?? responses.files.maxChars,
      pdf: { ...responses.files.pdf, maxPages: files?.pdf?.maxPages ?? responses.files.pdf.maxPages },
    },
    maxUrls: maxUrlParts ?? responses.maxUrls,
  };
}

type SourceConfig = {
  allowUrl?: boolean | undefined;
  urlAllowlist?: readonly string[] | undefined;
  allowedMimes?: readonly string[] | undefined;
  maxBytes?: number | undefined;
  maxRedirects?: number | undefined;
  timeoutMs?: number | undefined;
};

const withSource = <L extends SourceLimits>(usual: L, config: SourceConfig = {}): L => ({
  ...usual,
  maxBytes: config.maxBytes ?? usual.maxBytes,
  allowUrl: config.allowUrl ?? usual.allowUrl,
  ...(config.urlAllowlist && config.urlAllowlist.length > 0 && { urlAllowlist: config.urlAllowlist }),
  allowedTypes: config.allowedMimes
    ? new Set(config.allowedMimes.map((type) => type.toLowerCase()))
    : usual.allowedTypes,
  maxRedirects: config.maxRedirects ?? usual.maxRedirects,
  timeoutMs: config.timeoutMs ?? usual.timeoutMs,
});
