import { randomBytes } from "node:crypto";
import { cp, realpath, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, relative, sep } from "node:path";
import { errorCode } from "../../platform/error-code.ts";
import { makePrivateFolder } from "../../platform/private-file.ts";

/**
 * Moves a workspace to the trash of the state folder. One that holds something else too (another agent's workspace, the
 * state folder, somebody's home) stays where it is; the answer says which.
 */
export async function moveToTrash(
  workspace: string,
  agentId: string,
  deps: { stateDir: string; nowMs: number; alsoUsed: readonly string[] },
): Promise<"moved" | "missing" | "in use"> {
  const real = await realpath(workspace).catch(() => undefined);
  if (real === undefined) return "missing";
  for (const path of [deps.stateDir, homedir(), ...deps.alsoUsed]) {
    const used = await realpath(path).catch(() => path);
    if (isInside(real, used)) return "in use";
  }
  const trash = join(deps.stateDir, "trash");
  await makePrivateFolder(trash);
  const target = join(trash, `${agentId}-${deps.nowMs}-${randomBytes(3).toString("hex")}`);
  try {
    await rename(workspace, target);
  } catch (error) {
    if (errorCode(error) !== "EXDEV") throw error;
    await cp(workspace, target, { recursive: true, errorOnExist: true, force: false, verbatimSymlinks: true });
    await rm(workspace, { recursive: true });
  }
  return "moved";
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
