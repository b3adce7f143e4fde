// `pnpm test:properties`: every generated test with at least 10,000 cases, then a table of what was tried. A run is had
// again with `PROPERTY_SEED=… pnpm test:properties`; arguments go to vitest.
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { node, root, run } from "./workspace.mjs";

const files = globSync("{packages,apps,tests}/*/src/**/*.test.{ts,tsx}", { cwd: root }).filter((file) =>
  /from "(fast-check|@openclaw-gateway\/properties)"/.test(readFileSync(join(root, file), "utf8")),
);
const folder = mkdtempSync(join(tmpdir(), "openclaw-properties-"));
const report = join(folder, "tried.jsonl");
process.env.PROPERTY_SEED ??= String(Math.trunc(Math.random() * 2 ** 31));
process.env.PROPERTY_RUNS ??= "10000";
process.env.PROPERTY_REPORT = report;
const started = Date.now();
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = ["run", "--silent", "--testTimeout=1800000", ...files, ...process.argv.slice(2)];
process.exitCode = await run(node, [vitest, ...args]);

const tried = readFileSync(report, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
rmSync(folder, { recursive: true, force: true });
for (const { file, test, cases } of tried)
  console.log(`${String(cases).padStart(7)}  ${relative(root, file)}: ${test}`);
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(`${tried.length} properties, PROPERTY_SEED=${process.env.PROPERTY_SEED}, ${seconds} s`);
