// `npm test`: sets up what is missing, then types, lint and every test. The last line is `N passed, N failed`.
// Arguments go to vitest: `npm test -- --project server sessions`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, install, node, root, run } from "./workspace.mjs";

// Logs of continuous integration are read as plain text.
if (!process.stdout.isTTY) process.env.NO_COLOR = "1";

let passed = 0;
let failed = 0;

const step = async (name, work) => {
  const started = Date.now();
  const code = await work();
  console.log(`${code === 0 ? "✓" : "✗"} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (code === 0) passed += 1;
  else failed += 1;
};

const runVitest = async () => {
  const failedBefore = failed;
  const folder = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  const outputFile = join(folder, "vitest.json");
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`];
  const code = await run(node, [vitest, ...args, ...process.argv.slice(2)]);
  try {
    const report = JSON.parse(readFileSync(outputFile, "utf8"));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    // A file that cannot be loaded has no tests to count.
    failed += report.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    ).length;
  } catch (error) {
    console.error(`no report from vitest: ${error.message}`);
  }
  rmSync(folder, { recursive: true, force: true });
  // Errors outside of tests (an unhandled rejection) fail the run without failing a test.
  if (code !== 0 && failed === failedBefore) failed += 1;
};

if ((await install()) !== 0) failed += 1;
else {
  await step("build", build);
  await step("types", () => run(node, ["scripts/typecheck.mjs"]));
  await step("lint", () => run(node, ["node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"]));
  await runVitest();
}
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
