import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import {
  type AgentFile,
  type AgentFileContent,
  type AgentFileName,
  agentFileNames,
  GatewayError,
} from "@openclaw-gateway/protocol";
import { errorCode } from "../../platform/error-code.ts";
import { writePrivateFile } from "../../platform/private-file.ts";

/** A note is text for a prompt; what is larger was put there by mistake. */
const maxBytes = 4 * 1024 * 1024;

/** A name a client sent, if it is one of the notes. */
export function agentFileName(name: string): AgentFileName {
  const known = agentFileNames.find((candidate) => candidate === name);
  if (known === undefined) throw new GatewayError("INVALID_REQUEST", `unsupported file "${name}"`);
  return known;
}

/** The notes of a workspace as they are now. One that leads outside of it counts as missing here. */
export async function listWorkspaceFiles(workspace: string): Promise<AgentFile[]> {
  return Promise.all(
    agentFileNames.map(async (name) => {
      const path = join(workspace, name);
      const place = await placeOf(workspace, name);
      const found = place.at === "file" ? await stat(place.real).catch(() => undefined) : undefined;
      if (!found?.isFile()) return { name, path, missing: true, ...(name === "MEMORY.md" && { expectedAbsent: true }) };
      return { name, path, missing: false, size: found.size, updatedAtMs: Math.floor(found.mtimeMs) };
    }),
  );
}

/** One note with its text; `missing` when there is none. */
export async function readWorkspaceFile(workspace: string, name: AgentFileName): Promise<AgentFileContent> {
  const path = join(workspace, name);
  const place = await placeOf(workspace, name);
  if (place.at === "outside") throw outside(name);
  const missing = { name, path, missing: true };
  if (place.at === "nowhere") return missing;
  // Not following: the checked path has no links left. Not blocking: a pipe would never open.
  const handle = await open(place.real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (["ENOENT", "ENOTDIR", "ENXIO", "EISDIR"].includes(errorCode(error) ?? "")) return undefined;
      throw new GatewayError("UNAVAILABLE", `"${name}" cannot be read (${errorCode(error) ?? "unknown"})`, {
        cause: error,
      });
    },
  );
  if (!handle) return missing;
  try {
    const found = await handle.stat();
    if (!found.isFile()) return missing;
    if (found.size > maxBytes) throw new GatewayError("INVALID_REQUEST", `"${name}" is larger than ${maxBytes} bytes`);
    const bytes = await handle.readFile();
    return {
      name,
      path,
      missing: false,
      size: bytes.length,
      updatedAtMs: Math.floor(found.mtimeMs),
      hash: hashOf(bytes),
      content: bytes.toString("utf8"),
    };
  } finally {
    await handle.close();
  }
}

/** Replaces a note, whole or not at all, and only its owner may read it. Makes the workspace when it is missing. */
export async function writeWorkspaceFile(
  workspace: string,
  name: AgentFileName,
  content: string,
): Promise<AgentFileContent> {
  const bytes = Buffer.from(content, "utf8");
  if (bytes.length > maxBytes) throw new GatewayError("INVALID_REQUEST", `"${name}" is larger than ${maxBytes} bytes`);
  const path = join(workspace, name);
  const place = await placeOf(workspace, name);
  if (place.at === "outside") throw outside(name);
  const target = place.at === "file" ? place.real : path;
  try {
    await writePrivateFile(target, content);
  } catch (error) {
    throw new GatewayError("UNAVAILABLE", `"${name}" cannot be written (${errorCode(error) ?? "unknown"})`, {
      cause: error,
    });
  }
  const { mtimeMs } = await stat(target);
  return {
    name,
    path,
    missing: false,
    size: bytes.length,
    updatedAtMs: Math.floor(mtimeMs),
    hash: hashOf(bytes),
    content,
  };
}

type Place = { at: "file"; real: string } | { at: "nowhere" } | { at: "outside" };

/** Where a note really lies. A link may lead to another file of the same workspace, never out of it, nor to nothing. */
async function placeOf(workspace: string, name: AgentFileName): Promise<Place> {
  const root = await realpathOrNothing(workspace);
  if (root === undefined) return { at: "nowhere" };
  const real = await realpathOrNothing(join(root, name));
  if (real === undefined) return (await isLink(join(root, name))) ? { at: "outside" } : { at: "nowhere" };
  const way = relative(root, real);
  return way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)
    ? { at: "outside" }
    : { at: "file", real };
}

async function realpathOrNothing(path: string): Promise<string | undefined> {
  return realpath(path).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return undefined;
    throw new GatewayError("UNAVAILABLE", `the workspace cannot be read (${errorCode(error) ?? "unknown"})`, {
      cause: error,
    });
  });
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false;
}

const outside = (name: string): GatewayError =>
  new GatewayError("INVALID_REQUEST", `"${name}" leads outside the workspace`);
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
