import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openInside } from "../tools/confine.ts";

/** What an agent is told about itself, in this order. */
const noteFiles = ["AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md", "MEMORY.md"] as const;
const maxBytesPerFile = 20_000;

type Note = { name: string; text: string };

/** The notes of a workspace; a file is read again only when it has changed. Links that lead out of it are ignored. */
export function createWorkspaceNotes(): (workspace: string) => Promise<Note[]> {
  const cache = new Map<string, { stamp: string; text: string }>();

  async function read(workspace: string, name: string): Promise<string> {
    const path = join(workspace, name);
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = cache.get(path);
      if (known?.stamp === stamp) return known.text;
      const text = await readStart(workspace, name);
      cache.set(path, { stamp, text });
      return text;
    } catch {
      // Not there, not a file, or outside.
      cache.delete(path);
      return "";
    }
  }

  return async (workspace) => {
    const texts = await Promise.all(noteFiles.map((name) => read(workspace, name)));
    return noteFiles.map((name, index) => ({ name, text: texts[index] ?? "" })).filter(({ text }) => text !== "");
  };
}

async function readStart(workspace: string, name: string): Promise<string> {
  const { handle, sizeBytes } = await openInside(workspace, name);
  try {
    const buffer = Buffer.alloc(Math.min(sizeBytes, maxBytesPerFile));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return (
      buffer.toString("utf8", 0, bytesRead).trim() + (sizeBytes > maxBytesPerFile ? "\n[the rest is left out]" : "")
    );
  } finally {
    await handle.close();
  }
}
