import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { type Binary, findProgram, identify } from "./find-program.ts";

/** Everything that decides what a command does: this, and only this, is what a person approves. */
export type ExecPlan = {
  argv: readonly [string, ...string[]];
  /** After all links. */
  cwd: string;
  env: Readonly<Record<string, string>>;
  host: "gateway";
  /** As looked up, before links. */
  lookedUp: string;
  binary: Binary;
};

export type PlanRequest = { argv: readonly [string, ...string[]]; cwd: string; env: Readonly<Record<string, string>> };

/** Looks up what words would run here and now; or says why they would run nothing. */
export async function makePlan({ argv, cwd, env }: PlanRequest): Promise<ExecPlan | { problem: string }> {
  const folder = await realpath(cwd).catch(() => undefined);
  if (folder === undefined) return { problem: `the folder ${cwd} does not exist` };
  const program = await findProgram(argv[0], folder, env["PATH"] ?? "");
  if (!program) return { problem: `there is no program ${argv[0]}` };
  return { argv, cwd: folder, env, host: "gateway", lookedUp: program.lookedUp, binary: program.binary };
}

/** The same plan has the same hash; a plan that differs in anything has another one. */
export function planHash({ argv, cwd, env, host, lookedUp, binary }: ExecPlan): string {
  const { path, dev, inode, modified, size } = binary;
  const canonical = JSON.stringify({
    argv,
    cwd,
    env: Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    host,
    lookedUp,
    binary: [path, dev, inode, modified, size],
  });
  return createHash("sha256").update("exec-plan 1\n").update(canonical).digest("hex");
}

/** What differs between a plan and what is on disk now; undefined when nothing does. Asked right before the command runs. */
export async function whatChanged(plan: ExecPlan): Promise<string | undefined> {
  const folder = await realpath(plan.cwd).catch(() => undefined);
  if (folder !== plan.cwd) return `the folder ${plan.cwd} is not what it was`;
  const now = await identify(plan.lookedUp);
  if (!now) return `${plan.lookedUp} cannot be run any more`;
  if (planHash({ ...plan, binary: now }) !== planHash(plan)) return `${plan.lookedUp} is not the program it was`;
  return undefined;
}
