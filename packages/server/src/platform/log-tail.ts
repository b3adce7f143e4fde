import { open } from "node:fs/promises";

const defaultLimit = 500;
const defaultMaxBytes = 250_000;

export type LogPage = { file: string; cursor: number; size: number; lines: string[]; truncated: boolean; reset: boolean };
export type LogPageRequest = { cursor?: number | undefined; limit?: number | undefined; maxBytes?: number | undefined };

/**
 * Lines of a log file from a byte position on, or its end. A position past the end, or too far behind, starts over with
 * `reset`; a first line that is cut is left out.
 */
export async function tailLogFile(path: string, { cursor, limit = defaultLimit, maxBytes = defaultMaxBytes }: LogPageRequest): Promise<LogPage> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return { file: path, cursor: 0, size: 0, lines: [], truncated: false, reset: cursor !== undefined && cursor > 0 };
  try {
    const { size } = await file.stat();
    const isUsable = cursor !== undefined && cursor <= size && size - cursor <= maxBytes;
    const start = isUsable ? cursor : Math.max(0, size - maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    const isCut = start > 0 && !isUsable;
    const whole = isCut ? text.slice(text.indexOf("\n") + 1 || text.length) : text;
    const lines = whole.split("\n").filter((line) => line !== "");
    return {
      file: path,
      cursor: size,
      size,
      lines: lines.slice(-limit),
      truncated: isCut || lines.length > limit,
      reset: cursor !== undefined && !isUsable,
    };
  } finally {
    await file.close();
  }
}
