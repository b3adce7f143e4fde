import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { ToolError } from "./tool.ts";

/** Whether `path` is `folder` or lies in it; both absolute and normalised. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

export type ConfinedFile = { handle: FileHandle; sizeBytes: number; mtimeMs: number; path: string };

/**
 * Opens a regular file of a workspace for reading. Whatever the path says (dots, absolute, links), nothing outside the
 * workspace is opened: the file that was opened is compared with the one the checked path leads to.
 */
export async function openInside(workspace: string, path: string): Promise<ConfinedFile> {
  if (path === "" || path.includes("\0")) throw new ToolError("the path is empty or contains a NUL byte");
  const root = await realpath(workspace).catch(notFound(path));
  const asked = resolve(workspace, path);
  // Before anything is looked up: what lies outside does not even show whether it exists.
  if (!isInside(resolve(workspace), asked) && !isInside(root, asked)) throw outside(path);
  const real = await realpath(asked).catch(notFound(path));
  if (!isInside(root, real)) throw outside(path);
  // Non-blocking, or opening a pipe that nobody writes to would never return.
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    notFound(path),
  );
  try {
    const opened = await handle.stat();
    if (!opened.isFile()) throw new ToolError(`${path} is not a regular file`);
    const again = await realpath(asked).catch(notFound(path));
    const named = await statOf(again, path);
    if (!isInside(root, again) || named.ino !== opened.ino || named.dev !== opened.dev) throw outside(path);
    return { handle, sizeBytes: opened.size, mtimeMs: opened.mtimeMs, path: relative(root, real) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function statOf(real: string, path: string) {
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    notFound(path),
  );
  try {
    return await handle.stat();
  } finally {
    await handle.close();
  }
}

const outside = (path: string): ToolError => new ToolError(`${path} is outside the workspace`);

function notFound(path: string) {
  return (error: unknown): never => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") throw new ToolError(`${path} does not exist`);
    if (code === "EACCES" || code === "EPERM") throw new ToolError(`${path} may not be read`);
    if (code === "ELOOP") throw new ToolError(`${path} leads in a circle`);
    if (code === "ENAMETOOLONG") throw new ToolError("the path is too long");
    if (code === "ENXIO" || code === "EISDIR") throw new ToolError(`${path} is not a regular file`);
    throw error;
  };
}
