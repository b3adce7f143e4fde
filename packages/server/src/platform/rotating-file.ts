import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./error-code.ts";
import { makePrivateFolder } from "./private-file.ts";

export type RotatingFileOptions = {
  path: string;
  /** Beyond it `path` becomes `path.1`, that `path.2`, and so on. */
  maxBytes: number;
  /** Older files that are kept. */
  keep: number;
  /** Hears once when writing begins to fail, and again after it worked in between. */
  onFault: (error: unknown) => void;
};

export interface RotatingFile {
  /** Never waits and never throws. */
  write(line: string): void;
  /** Resolves when everything written so far is in the file, or lost. */
  flush(): Promise<void>;
}

/** Characters that wait for a slow disk; lines beyond are dropped and counted. */
const maxWaiting = 4 * 1024 * 1024;

/** A file of lines for its owner alone, written in the background. A full disk costs lines, nothing else. */
export function openRotatingFile({ path, maxBytes, keep, onFault }: RotatingFileOptions): RotatingFile {
  let waiting: string[] = [];
  let waitingLength = 0;
  let dropped = 0;
  let isFailing = false;
  let draining: Promise<void> | undefined;

  /** Opens and closes each time: nothing to leak, and a file that was moved away is simply begun again. */
  async function append(chunk: Buffer): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.size > 0 && found.size + chunk.length > maxBytes) {
      for (let age = keep; age > 0; age--)
        await renameIfThere(age === 1 ? path : `${path}.${age - 1}`, `${path}.${age}`);
    }
    const handle = await openPrivate(path);
    try {
      await handle.appendFile(chunk);
    } finally {
      await handle.close();
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const chunk = Buffer.from(waiting.join(""), "utf8");
      waiting = [];
      waitingLength = 0;
      try {
        await append(chunk);
        isFailing = false;
      } catch (error) {
        if (!isFailing) onFault(error);
        isFailing = true;
      }
    }
    draining = undefined;
  }

  return {
    write: (line) => {
      if (waitingLength + line.length > maxWaiting) {
        dropped++;
        return;
      }
      if (dropped > 0) {
        waiting.push(
          `${JSON.stringify({ level: 40, time: new Date().toISOString(), msg: `${dropped} lines were dropped: the disk was too slow` })}\n`,
        );
        dropped = 0;
      }
      waiting.push(line);
      waitingLength += line.length;
      draining ??= drain();
    },
    flush: async () => {
      while (draining) await draining;
    },
  };
}

async function openPrivate(path: string): Promise<FileHandle> {
  const handle = await open(path, "a", 0o600).catch(async (error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
    await makePrivateFolder(dirname(path));
    return open(path, "a", 0o600);
  });
  const found = await handle.stat();
  // A pipe or device was chosen on purpose; a file that is not ours keeps its mode.
  if (found.isFile() && (found.mode & 0o777) !== 0o600) await handle.chmod(0o600).catch(() => undefined);
  return handle;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
}
