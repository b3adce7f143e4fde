import type { Params } from "@openclaw-gateway/protocol";
import type { Grantable } from "../../approvals/approvals-store.ts";
import { childEnvironment } from "../../exec/child-environment.ts";
import { shellOf } from "../../exec/exec-gate.ts";
import { type ExecPlan, makePlan, planHash } from "../../exec/exec-plan.ts";
import { parsePlainArgv } from "../../exec/plain-argv.ts";
import { canBeAllowedAlways } from "../../exec/programs.ts";

export type Examined = {
  /** What this gateway would run, found out by itself: nothing of it is taken from the caller's word. */
  plan?: ExecPlan;
  planHash?: string;
  grantable?: Grantable;
  /** Whether the text of the command means the words that came with it. */
  isWhatItSays: boolean;
};

/** Looks at a request for approval with the gateway's own eyes. */
export async function examine(
  { command, commandArgv, cwd, env, host, agentId }: Params<"exec.approval.request">,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Examined> {
  const plain = parsePlainArgv(command);
  const said = "argv" in plain ? plain.argv : shellOf(command);
  const argv = commandArgv ? nonEmpty(commandArgv) : said;
  const isWhatItSays = argv !== undefined && isSame(argv, said);
  if (host !== "gateway" || !cwd || !argv) return { isWhatItSays };
  const plan = await makePlan({ argv, cwd, env: childEnvironment(environment, env ?? {}) });
  if ("problem" in plan) return { isWhatItSays };
  const isPlain = "argv" in plain && isWhatItSays;
  const names = [argv[0], plan.lookedUp, plan.binary.path];
  return {
    plan,
    planHash: planHash(plan),
    isWhatItSays,
    ...(isPlain &&
      canBeAllowedAlways(names) && {
        grantable: { agentId: agentId ?? "main", pattern: plan.binary.path, argv: plan.argv },
      }),
  };
}

const nonEmpty = ([first, ...rest]: readonly string[]): [string, ...string[]] | undefined =>
  first === undefined ? undefined : [first, ...rest];

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, index) => word === b[index]);
