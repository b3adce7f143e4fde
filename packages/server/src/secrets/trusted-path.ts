import type { Stats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";
import { errorCode } from "../platform/error-code.ts";

export type TrustRules = {
  allowLink: boolean;
  /** Nobody but the owner may read it, either. */
  isPrivate: boolean;
  allowInsecure: boolean;
  trustedDirs?: readonly string[] | undefined;
};

/** The path after links, when nobody else on this machine can have changed what is there. Rejects with what a person can act on. */
export async function trustedFile(path: string, rules: TrustRules): Promise<string> {
  if (!isAbsolute(path)) throw new Error(`${path} is not an absolute path`);
  const found = await look(path);
  if (found.isSymbolicLink() && !rules.allowLink)
    throw new Error(`${path} is a link; set allowSymlinkCommand, or name the file itself`);
  const target = await realpath(path);
  const file = await stat(target);
  if (!file.isFile()) throw new Error(`${path} is not a regular file`);
  const { trustedDirs } = rules;
  if (trustedDirs && !(await Promise.all(trustedDirs.map((dir) => isWithin(dir, target)))).includes(true)) {
    throw new Error(`${target} lies in none of the trustedDirs`);
  }
  if (!rules.allowInsecure) checkOwner(path, file, rules.isPrivate);
  return target;
}

async function look(path: string): Promise<Stats> {
  return lstat(path).catch((error: unknown) => {
    throw new Error(`${path} cannot be read (${errorCode(error) ?? String(error)})`, { cause: error });
  });
}

function checkOwner(path: string, { uid, mode }: Stats, isPrivate: boolean): void {
  const own = process.getuid?.();
  // Windows has no such modes; there the rule is that somebody has to vouch for the path.
  if (own === undefined)
    throw new Error(`${path}: owner and mode cannot be checked on this system; set allowInsecurePath when it is safe`);
  if (uid !== own && uid !== 0) throw new Error(`${path} belongs to another user`);
  if ((mode & (isPrivate ? 0o077 : 0o022)) !== 0) {
    const fix = isPrivate ? "chmod 600" : "chmod go-w";
    throw new Error(
      `${path} may be ${isPrivate ? "read or " : ""}changed by others; ${fix} it, or set allowInsecurePath`,
    );
  }
}

async function isWithin(dir: string, target: string): Promise<boolean> {
  const root = await realpath(dir).catch(() => undefined);
  if (root === undefined) return false;
  const way = relative(root, target);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}
