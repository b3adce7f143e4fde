import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode } from "./error-code.ts";

/**
 * Makes a folder, and those above it that are missing, so that only its owner may enter, whatever the umask. A folder
 * that exists keeps its mode: it may be `/var/log`, or a volume that a group shares.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
    await chmod(path, 0o700);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" && dirname(path) !== path) {
      await makePrivateFolder(dirname(path));
      return makePrivateFolder(path);
    }
    // A root such as `C:\` answers EPERM although it exists; what follows tells whether it can be used.
    if (code !== "EEXIST" && dirname(path) !== path) throw error;
  }
}

/** Writes a file only its owner may read: whole or not at all, on disk before it resolves. Replaces an existing one. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await writeThen(path, content, (draft) => rename(draft, path));
}

/** Like `writePrivateFile`, for a file that must not exist yet: rejects with `EEXIST` when somebody else made it meanwhile. */
export async function createPrivateFile(path: string, content: string): Promise<void> {
  await writeThen(path, content, async (draft) => {
    try {
      await link(draft, path);
    } catch (error) {
      // File systems without hard links: made empty first, which is the part that only one can do.
      if (errorCode(error) === "EEXIST") throw error;
      await (await open(path, "wx", 0o600)).close();
      return rename(draft, path);
    }
    await unlink(draft);
  });
}

async function writeThen(path: string, content: string, place: (draft: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await makePrivateFolder(folder);
  const draft = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(content, "utf8");
      await file.sync();
    } finally {
      await file.close();
    }
    await place(draft);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** The new name is on disk only with its folder. Some systems cannot open a folder; they have no such rule. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  if (!folder) return;
  await folder.sync().catch(() => undefined);
  await folder.close();
}
