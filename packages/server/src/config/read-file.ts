import { readFile, stat } from "node:fs/promises";
import { errorCode } from "../platform/error-code.ts";

/** Far above any configuration a person writes. */
const maxBytes = 8 * 1024 * 1024;

/** The bytes of a configuration file; nothing when there is none. Rejects with what a person can act on. */
export async function readConfigFile(path: string): Promise<Buffer | undefined> {
  try {
    // Looked at first: a pipe would never end, a device may be endless.
    const { size } = await regularFile(path);
    if (size > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`);
    return await readFile(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    if (code === "EACCES" || code === "EPERM")
      throw new Error(`cannot be read (${code}); check its permissions`, { cause: error });
    if (code !== undefined) throw new Error(`cannot be read (${code})`, { cause: error });
    throw error;
  }
}

async function regularFile(path: string) {
  const found = await stat(path);
  if (!found.isFile()) throw new Error(found.isDirectory() ? "is a folder, not a file" : "is not a regular file");
  return found;
}
