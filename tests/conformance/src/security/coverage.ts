import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { requirements } from "./requirements.ts";

/** One test (or group of tests) whose title begins with the requirement it proves, `T-F6: …` or `T-F6, T-F7: …`. */
export type Proof = { id: string; path: string; title: string };

const titled = /["'`](T-[A-I]\d(?:, T-[A-I]\d)*): ((?:[^"'`\\]|\\.)+)["'`]/g;
const skipped = new Set(["node_modules", "dist"]);

export function proofsIn(path: string, source: string): Proof[] {
  return [...source.matchAll(titled)].flatMap(([, ids = "", title = ""]) =>
    ids.split(", ").map((id) => ({ id, path, title })),
  );
}

/** Every proof in the test files of the repository at `root`, by path. */
export function readProofs(root: string): Proof[] {
  const visit = (folder: string): Proof[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : visit(file);
      if (!/\.test\.tsx?$/.test(entry.name)) return [];
      return proofsIn(relative(root, file).replaceAll("\\", "/"), readFileSync(file, "utf8"));
    });
  return ["packages", "apps", "tests"]
    .flatMap((group) => visit(join(root, group)))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

const begin = "<!-- proofs: written by node scripts/generate-security.mjs -->";
const end = "<!-- end of proofs -->";

/** `page` with its table of requirements and tests as they are now. */
export function withProofs(page: string, proofs: readonly Proof[]): string {
  const start = page.indexOf(begin);
  const stop = page.indexOf(end);
  if (start < 0 || stop < start) throw new Error(`docs/security.md has no place for the table: ${begin} … ${end}`);
  const rows = requirements.map(({ id, holds, waitsFor }) => {
    const files = new Set(proofs.filter((proof) => proof.id === id).map(({ path }) => path));
    const links = [...files].map((path) => `[${path.split("/").at(-1)}](../${path})`);
    return `| ${id} | ${holds} | ${waitsFor === undefined ? links.join(", ") : `waits for ${waitsFor}`} |`;
  });
  const table = ["", "| id | what holds | proved by |", "| --- | --- | --- |", ...rows, ""];
  return `${page.slice(0, start)}${begin}\n${table.join("\n")}\n${page.slice(stop)}`;
}
