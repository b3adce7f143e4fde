import { type FileHandle, open } from "node:fs/promises";

const defaultLimit = 500;
const defaultMaxBytes = 250_000;

export type LogPage = {
  file: string;
  cursor: number;
  size: number;
  lines: string[];
  truncated: boolean;
  reset: boolean;
};
export type LogPageRequest = { cursor?: number | undefined; limit?: number | undefined; maxBytes?: number | undefined };

/**
 * Lines of a log file from a byte position on, or its end. A position past the end, too far behind, or within a line
 * (the file was rotated meanwhile) starts over with `reset`; a first line that is cut is left out, and a last one that is
 * still being written comes with the next page.
 */
export async function tailLogFile(
  path: string,
  { cursor, limit = defaultLimit, maxBytes = defaultMaxBytes }: LogPageRequest,
): Promise<LogPage> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file)
    return { file: path, cursor: 0, size: 0, lines: [], truncated: false, reset: cursor !== undefined && cursor > 0 };
  try {
    const { size } = await file.stat();
    const isUsable =
      cursor !== undefined && cursor <= size && size - cursor <= maxBytes && (await isLineStart(file, cursor));
    const start = isUsable ? cursor : Math.max(0, size - maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const isCut = !(await isLineStart(file, start));
    const from = isCut ? buffer.indexOf(newline) + 1 : 0;
    const to = buffer.subarray(0, bytesRead).lastIndexOf(newline) + 1;
    const lines = buffer
      .toString("utf8", from, to)
      .split("\n")
      .filter((line) => line !== "");
    return {
      file: path,
      cursor: to === 0 && isCut ? size : start + to,
      size,
      lines: lines.slice(-limit),
      truncated: (start > 0 && !isUsable) || lines.length > limit,
      reset: cursor !== undefined && !isUsable,
    };
  } finally {
    await file.close();
  }
}

const newline = 0x0a;

async function isLineStart(file: FileHandle, position: number): Promise<boolean> {
  if (position === 0) return true;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, position - 1);
  return bytesRead === 1 && buffer[0] === newline;
}
