import { chmod, link, mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { createRandomId } from "./core/index.ts";

/** Reads a file of secrets, undefined when there is none. What others may read is closed to them first. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) await chmod(file, 0o600);
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a file of secrets, whole or not at all: mode 0600, in a folder of mode 0700. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await withTemporary(file, text, (temporary) => rename(temporary, file));
}

/** The same for a file that nobody else has written meanwhile; false when somebody has. */
export async function createPrivateFile(file: string, text: string): Promise<boolean> {
  try {
    // Unlike a rename, a link never replaces what is there.
    await withTemporary(file, text, (temporary) => link(temporary, file));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function withTemporary(file: string, text: string, publish: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${createRandomId()}.tmp`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await publish(temporary);
  } finally {
    await unlink(temporary).catch(() => {
      // Renamed: it is the file now.
    });
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
