// Builds the openclaw command into dist: everything it needs bundled, parts that are imported lazily as chunks beside
// it, the workers as entries of their own, and the dashboard.
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

const folder = import.meta.dirname;
const dist = join(folder, "dist");
const server = join(folder, "../../packages/server/src");
const workers = { "sqlite-worker": "store/sqlite-worker.ts", "pdf-worker": "media/pdf-worker.ts" };
const dashboard = join(folder, "../control-ui/dist");

rmSync(dist, { recursive: true, force: true });

const bundle = await rolldown({
  input: {
    main: join(folder, "src/main.ts"),
    ...Object.fromEntries(Object.entries(workers).map(([name, file]) => [name, join(server, file)])),
  },
  platform: "node",
  // Native accelerators of ws: used where someone installed them, never bundled.
  external: ["bufferutil", "utf-8-validate"],
  transform: { target: "node22.19", define: { "process.env.NODE_ENV": '"production"' } },
});
const { output } = await bundle.write({
  dir: dist,
  format: "esm",
  // Flat: a file that looks for its neighbour through import.meta.url finds it from every chunk.
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
});
await bundle.close();

/** The folder in node_modules that a bundled module came from. */
const packageFolder = (moduleId) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(moduleId)?.[0];

// What is bundled is passed on, so its licences travel along.
const folders = new Set(output.flatMap((chunk) => chunk.moduleIds ?? []).map(packageFolder));
const notices = [...folders]
  .filter((path) => path !== undefined && existsSync(join(path, "package.json")))
  .map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const file = readdirSync(path).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text = file === undefined ? "" : `\n\n${readFileSync(join(path, file), "utf8").trim()}`;
    return `${name} ${version} (${license})${text}\n`;
  });
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), notices.toSorted().join(`\n${"-".repeat(80)}\n\n`));

for (const name of ["openclaw.js", "boot.js"]) cpSync(join(folder, "bin", name), join(dist, name));
chmodSync(join(dist, "openclaw.js"), 0o755);
if (existsSync(dashboard)) cpSync(dashboard, join(dist, "control-ui"), { recursive: true });
