import type { BigIntStats } from "node:fs";
import { access, constants, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";

/** A file that a name stands for at one moment. */
export type Binary = {
  /** After all links. */
  path: string;
  dev: string;
  inode: string;
  /** Nanoseconds. */
  modified: string;
  size: string;
};

export type FoundProgram = {
  /** As looked up, before links. */
  lookedUp: string;
  binary: Binary;
};

/** Finds what a command's first word stands for: in the folders of `searchPath`, or below `cwd` when it names a path. */
export async function findProgram(name: string, cwd: string, searchPath: string): Promise<FoundProgram | undefined> {
  if (name === "" || name.includes("\0")) return undefined;
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : searchFolders(searchPath).map((folder) => join(folder, name));
  for (const lookedUp of candidates) {
    const binary = await identify(lookedUp);
    if (binary) return { lookedUp, binary };
  }
  return undefined;
}

/** Relative entries would let a working folder choose the program. */
export const searchFolders = (searchPath: string): string[] => searchPath.split(":").filter((each) => isAbsolute(each));

/** What is at a path now; undefined unless it is a file that may be run. */
export async function identify(path: string): Promise<Binary | undefined> {
  try {
    const real = await realpath(path);
    const found = await stat(real, { bigint: true });
    if (!found.isFile()) return undefined;
    await access(real, constants.X_OK);
    return { path: real, ...identity(found) };
  } catch {
    return undefined;
  }
}

const identity = ({ dev, ino, mtimeNs, size }: BigIntStats): Omit<Binary, "path"> => ({
  dev: String(dev),
  inode: String(ino),
  modified: String(mtimeNs),
  size: String(size),
});
