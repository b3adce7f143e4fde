// `pnpm check`: everything that is not a behaviour test. Names as arguments run only those: `pnpm check types lint`.
import { join } from "node:path";
import { build, node, root, run } from "./workspace.mjs";

const bin = (path, ...args) => run(node, [join(root, "node_modules", path), ...args]);

/** What a visitor of the dashboard and a user of the browser client download; limits in .size-limit.json. */
const checkSizes = async () => {
  const bundle = "node_modules/.openclaw/size/browser-client.js";
  const entry = "packages/browser-client/src/index.ts";
  const bundled = await bin("rolldown/bin/cli.mjs", entry, "--file", bundle, "--minify", "--log-level", "silent");
  return bundled || (await build()) || (await bin("size-limit/bin.js"));
};

const checks = {
  types: () => run(node, ["scripts/typecheck.mjs"]),
  lint: () => bin("oxlint/bin/oxlint", "--type-aware", "--deny-warnings"),
  format: () => bin("oxfmt/bin/oxfmt", "--check"),
  unused: () => bin("knip/bin/knip.js"),
  workspace: () => run("sherif", []),
  layering: () => bin("vitest/vitest.mjs", "run", "--project", "conformance", "layering"),
  packages: () => bin("vitest/vitest.mjs", "run", "--project", "packages"),
  size: checkSizes,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`unknown check: ${unknown.join(", ")}; there are ${Object.keys(checks).join(", ")}`);
  process.exit(2);
}
const failed = [];
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n— ${name}`);
  if ((await check()) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "\nall checks passed" : `\nfailed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
