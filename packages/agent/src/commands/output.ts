import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Bytes of output that a model is shown at once. */
const shownBytes = 48 * 1024;
/** Bytes that are kept of a command that does not stop talking. */
const keptBytes = 64 * 1024 * 1024;

/** What a command writes: all of it while it is short, in a file beyond that. */
export function createOutput(path: string) {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let totalBytes = 0;
  /** Always the end of everything. */
  let tail = Buffer.alloc(0);
  let file: WriteStream | undefined;
  let opening: Promise<void> | undefined;
  let fault: string | undefined;
  const first = Promise.withResolvers<void>();

  async function spill(): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const stream = createWriteStream(path, { mode: 0o600, flags: "wx" });
    stream.on("error", (error) => (fault = error.message));
    for (const chunk of held) stream.write(chunk);
    held = [];
    file = stream;
  }

  return {
    /** Resolves with the first byte. */
    first: first.promise,
    /** Takes a piece; resolves when more may come. */
    add: async (chunk: Buffer): Promise<void> => {
      totalBytes += chunk.length;
      first.resolve();
      tail = Buffer.concat([tail, chunk]).subarray(-shownBytes);
      if (totalBytes > keptBytes) return;
      if (!opening) {
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes <= shownBytes) return;
        opening = spill().catch((error: unknown) => void (fault = String(error)));
        return opening;
      }
      await opening;
      const stream = file;
      if (!stream || fault !== undefined || stream.write(chunk)) return;
      await new Promise<void>((resolve) => void stream.once("drain", resolve).once("error", () => resolve()));
    },
    end: async (): Promise<void> => {
      await opening;
      const stream = file;
      if (stream && !stream.destroyed) await new Promise<void>((resolve) => void stream.end(() => resolve()));
    },
    remove: async (): Promise<void> => {
      await opening;
      file?.destroy();
      if (file) await unlink(path).catch(() => undefined);
    },
    get bytes(): number {
      return totalBytes;
    },
    /** What a model is shown: everything, or the end with a word about the rest. */
    shown: (id: string): string => {
      if (totalBytes <= shownBytes) return tail.toString("utf8");
      const rest = fault === undefined ? `read the rest with process, action "log", sessionId "${id}"` : fault;
      return `[the first ${totalBytes - tail.length} of ${totalBytes} bytes are left out; ${rest}]\n${fromLine(tail)}`;
    },
    /** Some lines from the end, for somebody who watches. */
    tail: (maxBytes: number): string => tail.subarray(-maxBytes).toString("utf8"),
    /** A part of everything. */
    read: async (offset: number, length: number): Promise<{ text: string; nextOffset: number | undefined }> => {
      const available = Math.min(totalBytes, keptBytes);
      const bytes = file ? await readPart(path, offset, length) : Buffer.concat(held).subarray(offset, offset + length);
      const end = offset + bytes.length;
      return { text: bytes.toString("utf8"), nextOffset: bytes.length > 0 && end < available ? end : undefined };
    },
  };
}
export type Output = ReturnType<typeof createOutput>;

/** A tail begins with the first whole line. */
function fromLine(bytes: Buffer): string {
  const newline = bytes.indexOf(10);
  return bytes.subarray(newline >= 0 && newline < 4_096 ? newline + 1 : 0).toString("utf8");
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
