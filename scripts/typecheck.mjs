// Type-checks the whole workspace, two programs at a time: one for everything with the options of the base, which the
// root's tsconfig.json lists, and one for each project with options of its own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { node, root, run } from "./workspace.mjs";

const own = ["packages", "apps", "tests", "examples"]
  .filter((group) => existsSync(join(root, group)))
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
  .filter((folder) => existsSync(join(root, folder, "tsconfig.json")))
  .filter((folder) => JSON.parse(readFileSync(join(root, folder, "tsconfig.json"), "utf8")).compilerOptions);

const { exclude } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
const unlike = own
  .filter((folder) => !exclude.includes(folder))
  .concat(exclude.filter((folder) => !own.includes(folder)));
if (unlike.length > 0) {
  console.error(
    `types: tsconfig.json excludes the projects with compilerOptions of their own; see ${unlike.join(", ")}`,
  );
  process.exit(1);
}

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const projects = ["tsconfig.json", ...own.map((folder) => join(folder, "tsconfig.json"))];
const failed = [];
const next = async () => {
  for (let project = projects.shift(); project; project = projects.shift()) {
    if ((await run(node, [tsc, "-p", project, "--pretty"])) !== 0) failed.push(project);
  }
};
await Promise.all([next(), next()]);
for (const project of failed) console.error(`types: ${project} failed`);
process.exit(failed.length === 0 ? 0 : 1);
