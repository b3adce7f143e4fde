import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { published, readManifest, root, rootManifest } from "./published.ts";
import { mustRun } from "./run.ts";

test("which packages npm gets", () => {
  expect(published.map(({ manifest }) => manifest.name).toSorted()).toEqual([
    "@openclaw-gateway/agent",
    "@openclaw-gateway/browser-client",
    "@openclaw-gateway/cli",
    "@openclaw-gateway/client",
    "@openclaw-gateway/protocol",
    "@openclaw-gateway/server",
  ]);
});

describe.each(published)("$path", ({ path, manifest }) => {
  test("says what it is and where it comes from", () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/.{10}/),
      keywords: expect.arrayContaining(["openclaw", "gateway"]),
      license: "MIT",
      type: "module",
      engines: { node: ">=22.19" },
      homepage: expect.stringContaining(`/tree/main/${path}#readme`),
      bugs: expect.stringContaining("/issues"),
      // Provenance is refused for a package that names another repository than the one it is built in.
      repository: { ...rootManifest.repository, directory: path },
      publishConfig: { access: "public", provenance: true },
    });
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "CHANGELOG.md"]));
  });

  test("has the same entries here and published, types first", () => {
    // The command has none.
    expect(manifest.exports === undefined).toBe(manifest.bin !== undefined);
    if (manifest.exports === undefined) return;
    const { "./package.json": own, ...entries } = manifest.publishConfig?.exports ?? {};
    expect(own).toBe("./package.json");
    expect(Object.keys(entries).toSorted()).toEqual(Object.keys(manifest.exports).toSorted());
    for (const [subpath, entry] of Object.entries(entries)) {
      const source = manifest.exports[subpath];
      expect(source).toBeTypeOf("string");
      const base = (typeof source === "string" ? source : "").replace("./src/", "./dist/").replace(/\.ts$/, "");
      expect(Object.entries(entry)).toEqual([
        ["types", `${base}.d.ts`],
        ["default", `${base}.js`],
      ]);
    }
  });
});

test("a release gives every package the same version and a changelog", async () => {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-release-"));
  try {
    const files = (await mustRun("git", ["ls-files", "*package.json", ".changeset", "pnpm-*.yaml"], { cwd: root }))
      .split("\n")
      .filter((file) => file !== "");
    await Promise.all(files.map((file) => cp(join(root, file), join(folder, file), { recursive: true })));
    const changesets = join(root, "node_modules", "@changesets", "cli", "bin.js");
    await mustRun(process.execPath, [changesets, "version"], { cwd: folder });
    const released = published.map(({ path }) => readManifest(join(folder, path, "package.json")));
    expect(new Set(released.map(({ version }) => version)).size).toBe(1);
    for (const [index, { path }] of published.entries()) {
      expect(await readFile(join(folder, path, "CHANGELOG.md"), "utf8")).toContain(`## ${released[index]?.version}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
