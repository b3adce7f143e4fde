import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { parseSync } from "rolldown/utils";

export type Import = {
  specifier: string;
  /** Gone when the types are stripped: `import type`, or every name in braces marked `type`. */
  isTypeOnly: boolean;
  /** `import()`: loaded when somebody needs it. */
  isLater?: true;
};

/** A source file; `path` is relative to the root of the repository, with forward slashes. */
export type SourceFile = { path: string; imports: Import[] };

/** Every import, re-export and `import()` of a module. A specifier that is computed cannot be checked and is refused. */
export function parseImports(path: string, source: string): Import[] {
  const { module, errors } = parseSync(path, source, { sourceType: "module" });
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const found: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    isTypeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  for (const { entries } of module.staticExports) {
    const bySource = Map.groupBy(entries, (entry) => entry.moduleRequest?.value);
    for (const [specifier, names] of bySource) {
      if (specifier !== undefined) found.push({ specifier, isTypeOnly: names.every((name) => name.isType) });
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'])(.*)\1$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    if (!literal?.[2]) throw new Error(`${path}: import() of something that is not a literal`);
    found.push({ specifier: literal[2], isTypeOnly: false, isLater: true });
  }
  return found;
}

const skipped = new Set(["node_modules", "dist"]);

export function readSources(root: string, groups: readonly string[]): SourceFile[] {
  const visit = (folder: string): SourceFile[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : visit(file);
      if (!/\.tsx?$/.test(entry.name)) return [];
      const path = relative(root, file).replaceAll("\\", "/");
      return [{ path, imports: parseImports(path, readFileSync(file, "utf8")) }];
    });
  return groups.flatMap((group) => visit(join(root, group)));
}

/** Where a relative specifier leads, from the root of the repository. */
export const resolveRelative = (from: string, specifier: string) =>
  posix.normalize(posix.join(posix.dirname(from), specifier));
