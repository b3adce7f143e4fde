import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import { openInside } from "./confine.ts";
import { defineTool, textResult, ToolError } from "./tool.ts";

const maxLines = 2_000;
const maxBytes = 50_000;
/** How far into a file an offset may reach. */
const maxScannedBytes = 64 * 1024 * 1024;

/** Reads a text file of the agent's workspace. */
export const readTool = defineTool({
  name: "read",
  description: `Read a text file of the workspace. Gives at most ${maxLines} lines or ${maxBytes / 1000} kB; go on with offset.`,
  params: z.object({
    path: z.string().min(1).describe("Path of the file, relative to the workspace"),
    offset: z.int().min(1).optional().describe("First line to read, counted from 1"),
    limit: z.int().min(1).optional().describe("Number of lines to read"),
  }),
  about: ({ path }) => path,
  run: async ({ path, offset = 1, limit = maxLines }, { workspace, signal }) => {
    const { handle, sizeBytes, path: realPath } = await openInside(workspace, path);
    try {
      const startByte = await startOfLine(handle, offset, path, signal);
      // One byte more than is shown tells whether there is more.
      const bytes = await readUpTo(handle, startByte, maxBytes + 1);
      if (bytes.subarray(0, 8_000).includes(0)) throw new ToolError(`${path} is not a text file`);
      if (bytes.length === 0 && offset > 1) throw new ToolError(`${path} has no line ${offset}`);
      const page = firstLines(bytes, Math.min(limit, maxLines));
      const endLine = offset + page.count - 1;
      const tail = page.isCut
        ? `\n\n[line ${endLine} is longer than ${maxBytes / 1000} kB and is cut off]`
        : page.hasMore
          ? `\n\n[more follows; continue with offset ${endLine + 1}]`
          : "";
      return textResult(page.text + tail, {
        path: realPath,
        sizeBytes,
        startLine: offset,
        endLine,
        truncated: page.hasMore,
      });
    } finally {
      await handle.close();
    }
  },
});

/** The byte at which a line begins. */
async function startOfLine(handle: FileHandle, line: number, path: string, signal: AbortSignal): Promise<number> {
  const chunkBytes = 64 * 1024;
  let current = 1;
  for (let position = 0; current < line; position += chunkBytes) {
    if (signal.aborted) throw new ToolError("aborted");
    if (position > maxScannedBytes) throw new ToolError(`${path} is too large to be read that far`);
    const chunk = await readUpTo(handle, position, chunkBytes);
    for (let newline = chunk.indexOf(10); newline >= 0; newline = chunk.indexOf(10, newline + 1)) {
      current++;
      if (current === line) return position + newline + 1;
    }
    if (chunk.length < chunkBytes) throw new ToolError(`${path} has no line ${line}`);
  }
  return 0;
}

/** Fewer bytes only at the end of the file. */
async function readUpTo(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** As many whole lines as fit; a single line that does not fit is cut. */
function firstLines(bytes: Buffer, limit: number): { text: string; count: number; hasMore: boolean; isCut: boolean } {
  let end = 0;
  let count = 0;
  while (count < limit && end < bytes.length) {
    const newline = bytes.indexOf(10, end);
    const next = newline < 0 ? bytes.length : newline + 1;
    if (next > maxBytes) break;
    end = next;
    count++;
  }
  const hasMore = end < bytes.length;
  if (count === 0 && hasMore) return { text: bytes.toString("utf8", 0, maxBytes), count: 1, hasMore, isCut: true };
  const text = bytes.toString("utf8", 0, end);
  return { text: hasMore ? text.replace(/\r?\n$/, "") : text, count, hasMore, isCut: false };
}
