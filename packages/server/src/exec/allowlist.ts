import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, relative, sep } from "node:path";
import type { AllowlistEntry } from "@openclaw-gateway/protocol";
import type { ExecPlan } from "./exec-plan.ts";
import { beyondItsProgram } from "./programs.ts";

export type Coverage = { entry: AllowlistEntry } | { miss: string };

/**
 * Whether an allow-list covers a plan. An entry with words covers exactly those; one without covers the program, unless
 * the words make it run something else. What counts is the file behind all links, never a name.
 */
export async function findCoverage(
  plan: ExecPlan,
  allowlist: readonly AllowlistEntry[],
  around: { workspace: string; nowMs: number },
): Promise<Coverage> {
  const { argv, binary, lookedUp } = plan;
  if (isInside(around.workspace, binary.path) || isInside(plan.cwd, binary.path)) {
    return { miss: "the program lies in a folder the agent works in" };
  }
  const beyond = beyondItsProgram(argv, [argv[0], lookedUp, binary.path]);
  let miss = `${binary.path} is not on the allow-list`;
  for (const entry of allowlist) {
    if (entry.expiresAtMs !== undefined && entry.expiresAtMs <= around.nowMs) continue;
    if (!(await matchesProgram(entry.pattern, binary.path))) continue;
    if (entry.argv) {
      if (isSame(entry.argv, argv)) return { entry };
      miss = `${binary.path} is allowed with other arguments only`;
    } else if (beyond === undefined) return { entry };
    else miss = beyond;
  }
  return { miss };
}

async function matchesProgram(pattern: string, path: string): Promise<boolean> {
  const expanded = pattern === "~" || pattern.startsWith("~/") ? join(homedir(), pattern.slice(1)) : pattern;
  // A bare name would be whatever a search path makes of it.
  if (!isAbsolute(expanded)) return false;
  if (!/[*?]/.test(expanded)) return (await realpath(expanded).catch(() => undefined)) === path;
  return globExpression(expanded).test(path);
}

/** `*` and `?` stay in one folder, `**` crosses folders. */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/?|\*|\?|[^*?]+/g, (part) => {
    if (part.startsWith("**")) return part.endsWith("/") ? "(?:.*/)?" : ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "su");
}

export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, index) => word === b[index]);
