// Builds the package in the current folder for publishing: JavaScript and declarations, file by file, into dist.
// In the workspace every import leads to the sources of the other package; here it must lead to its declarations,
// as it will for a consumer, so the packages this one depends on are built first (turbo sees to that).
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { node, root, run } from "./workspace.mjs";

const folder = process.cwd();
const manifest = JSON.parse(readFileSync("package.json", "utf8"));

const paths = {};
const visit = (dependencies) => {
  for (const [name, range] of Object.entries(dependencies ?? {})) {
    if (!range.startsWith("workspace:")) continue;
    const target = join(root, "packages", name.split("/")[1]);
    const { publishConfig, dependencies: deeper } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    for (const [subpath, entry] of Object.entries(publishConfig.exports)) {
      if (entry.types === undefined) continue;
      paths[name + subpath.slice(1)] = [join(target, entry.types)];
    }
    visit(deeper);
  }
};
visit(manifest.dependencies);

const cache = join(folder, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const config = join(cache, "tsconfig.build.json");
writeFileSync(
  config,
  JSON.stringify({
    extends: join(folder, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      // dist was just removed: everything is emitted, whatever was checked before.
      incremental: false,
      tsBuildInfoFile: null,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(folder, "src"),
      outDir: join(folder, "dist"),
      paths,
    },
    include: [join(folder, "src")],
    exclude: ["test", "test-d", "contract"]
      .map((kind) => join(folder, `src/**/*.${kind}.ts`))
      // Tools for tests travel only where they are an entry.
      .concat(manifest.publishConfig.exports["./testing"] ? [] : [join(folder, "src/testing")]),
  }),
);
rmSync("dist", { recursive: true, force: true });
const code = await run(node, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", config], { cwd: folder });
if (code !== 0) process.exit(code);

// PROTOCOL.md lies at the root, where people look for it, and travels with the package.
if (manifest.files.includes("PROTOCOL.md") && existsSync(join(root, "PROTOCOL.md"))) {
  copyFileSync(join(root, "PROTOCOL.md"), "PROTOCOL.md");
}

const missing = Object.values(manifest.publishConfig.exports)
  .flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)))
  .filter((file) => !existsSync(file));
if (missing.length > 0) {
  console.error(`${manifest.name}: exported but not built: ${missing.join(", ")}`);
  process.exit(1);
}
