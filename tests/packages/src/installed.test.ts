import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, type Installation, NoRegistryError, personsEnv } from "./install.ts";
import { published, readManifest, root } from "./published.ts";
import { writeEntries, writeQuickStart, writeSnippets } from "./generated.ts";
import { mustRun, run } from "./run.ts";

const require = createRequire(import.meta.url);

/** The Node that the workspace runs on, and the oldest one that the packages say they run on. */
const nodes = [
  { name: "Node 24", node: process.execPath },
  { name: "Node 22.19", node: join(require.resolve("node-22/package.json"), "..", "bin", "node") },
];

let installed: Installation;
let reason: string | undefined;

beforeAll(async () => {
  try {
    installed = await install();
    await writeEntries(join(installed.folder, "entries.ts"));
    await writeSnippets(join(installed.folder, "snippets"));
    await writeQuickStart(join(installed.folder, "quick-start"));
  } catch (error) {
    if (!(error instanceof NoRegistryError) || process.env["CI"] === "true") throw error;
    reason = "no package registry can be reached";
    console.warn(`SKIPPED: the packed packages were not installed, ${reason}:\n${error.message}`);
  }
});
afterAll(() => installed?.[Symbol.asyncDispose]());

/** A test of the installed packages, skipped where they could not be installed. */
const withPackages = test.extend<{ folder: string }>({
  folder: async ({ skip }, use) => {
    skip(reason !== undefined, reason);
    await use(installed.folder);
  },
});

function tarballOf(name: string): string {
  const tarball = installed.tarballs.get(name);
  if (tarball === undefined) throw new Error(`${name} was not packed`);
  return tarball;
}

describe("tarballs", () => {
  withPackages.for(published)("$path has what it needs, and nothing else", async ({ path, manifest }, { folder }) => {
    const inside = join(folder, "node_modules", manifest.name);
    const files = (await mustRun("find", [".", "-type", "f", "-not", "-path", "*/node_modules/*"], { cwd: inside }))
      .split("\n")
      .filter((file) => file !== "")
      .map((file) => file.slice(2));
    const loose = files.filter((file) => !file.startsWith("dist/")).toSorted();
    expect(loose).toEqual(
      ["LICENSE", "README.md", ...(path === "packages/protocol" ? ["PROTOCOL.md"] : []), "package.json"].toSorted(),
    );
    expect(files.filter((file) => /\.(test|test-d|contract)\.|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const { dependencies = {} } = readManifest(join(inside, "package.json"));
    for (const range of Object.values(dependencies)) expect(range).toMatch(/^[\^~]?\d/);
  });

  withPackages.for(published)("$path is clean for publint", async ({ manifest }, { folder: _ }) => {
    const publint = join(root, "node_modules", "publint", "src", "cli.js");
    const tarball = tarballOf(manifest.name);
    expect(await run(process.execPath, [publint, tarball, "--strict"], { cwd: root })).toMatchObject({ code: 0 });
  });

  // The command has no entry that could have types.
  const libraries = published.filter(({ manifest }) => manifest.exports !== undefined);
  withPackages.for(libraries)(
    "$path has types for every resolution of ES modules",
    async ({ manifest }, { folder: _ }) => {
      const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
      const tarball = tarballOf(manifest.name);
      const { code, output } = await run(process.execPath, [attw, tarball, "--profile", "esm-only"], { cwd: root });
      expect(code, output).toBe(0);
    },
  );
});

describe("types", () => {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  withPackages.for(["tsconfig.json", "tsconfig.page.json"])("%s", async (project, { folder }) => {
    const { code, output } = await run(process.execPath, [tsc, "-p", project], { cwd: folder });
    expect(code, output).toBe(0);
  });
});

describe.each(nodes)("on $name", ({ name, node }) => {
  test("is that version", () => {
    expect(`v${execFileSync(node, ["--version"], { encoding: "utf8" }).slice(1)}`).toContain(
      name.replace("Node ", "v"),
    );
  });

  withPackages.for(["entries.ts", "command.ts", "library.ts"])("%s", async (program, { folder }) => {
    const home = join(folder, `home-${name}-${program}`);
    await mkdir(home);
    const env = personsEnv(node, home);
    const { code, output } = await run(node, ["--disable-warning=ExperimentalWarning", program], { cwd: folder, env });
    expect(output).toMatch(/(^|\n)done\n$/);
    // Not even on the Node that has its doubts about SQLite.
    expect(output).not.toContain("Warning");
    expect(code).toBe(0);
  });
});
