// Type-checks every package of the workspace, two at a time.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { node, root, run } from "./workspace.mjs";

const projects = ["packages", "apps", "tests", "examples"]
  .filter((group) => existsSync(join(root, group)))
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name, "tsconfig.json")))
  .filter((file) => existsSync(join(root, file)));
projects.unshift("tsconfig.json");

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const failed = [];
const next = async () => {
  for (let project = projects.shift(); project; project = projects.shift()) {
    if ((await run(node, [tsc, "-p", project, "--pretty"])) !== 0) failed.push(project);
  }
};
await Promise.all([next(), next()]);
for (const project of failed) console.error(`types: ${project} failed`);
process.exit(failed.length === 0 ? 0 : 1);
