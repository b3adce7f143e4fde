// `pnpm bench [--quick] [--json] [--strict] [--gateway <file>] [--limit-only] [--soak]`
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runBench } from "./bench.ts";
import { fullPlan, quickPlan } from "./plan.ts";
import { killChildren } from "./process/child.ts";
import { formatTable } from "./report.ts";
import { createResults } from "./results.ts";
import { runSoak } from "./soak.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** A missed budget is exit code 1. */
    strict: { type: "boolean", default: false },
    /** Another build of the command. */
    gateway: { type: "string" },
    "limit-only": { type: "boolean", default: false },
    /** Instead of everything else: 20,000 turns and 10,000 connects, and what the memory does meanwhile. */
    soak: { type: "boolean", default: false },
  },
});

const built = fileURLToPath(new URL("../../../apps/cli/dist/openclaw.js", import.meta.url));
const entry = options["limit-only"]
  ? undefined
  : options.gateway === undefined
    ? built
    : resolve(process.env["INIT_CWD"] ?? ".", options.gateway);
if (entry !== undefined && !existsSync(entry)) {
  console.error(`${entry} is missing: build it first (pnpm build)`);
  process.exit(1);
}

const plan = options.soak ? { ...fullPlan, deadlineMs: 900_000 } : options.quick ? quickPlan : fullPlan;
const folder = mkdtempSync(join(tmpdir(), "openclaw-bench-"));
const results = createResults();
const startedAt = new Date();
const loadBefore = loadavg()[0]!;

process.on("exit", () => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
setTimeout(() => {
  console.error(`not done after ${plan.deadlineMs / 1_000} s`);
  process.exit(1);
}, plan.deadlineMs).unref();

const say = (line: string): void => console.error(line);
if (!options.soak) await runBench({ plan, results, entry, folder, say });
else if (entry !== undefined) await runSoak({ entry, folder, results, say });

const machine = {
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? "unknown",
  memoryGb: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  /** Load average of the last minute when the run began; always 0 on Windows. */
  loadBefore,
};
const tookSeconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
const rows = results.rows();
const judged = rows.filter(({ met }) => met !== undefined);
const missed = judged.filter(({ met }) => !met).length;

if (options.json) {
  console.log(JSON.stringify({ startedAt: startedAt.toISOString(), tookSeconds, machine, plan, rows }, null, 2));
} else {
  console.log(
    `\n${machine.platform}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}; ${tookSeconds} s\n`,
  );
  if (loadBefore > machine.cores / 2) {
    console.log(`The machine was busy (load average ${loadBefore.toFixed(1)}): times are worth little.\n`);
  }
  console.log(formatTable(rows.filter(({ detail }) => !detail)));
  console.log(
    `\nLatency of the requests above, 64 unanswered at any time:\n\n${formatTable(rows.filter(({ detail }) => detail))}`,
  );
  console.log(`\n${judged.length - missed} of ${judged.length} budgets kept`);
}
process.exit(options.strict && missed > 0 ? 1 : 0);
