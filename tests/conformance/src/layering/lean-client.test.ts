import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readSources, resolveRelative, type SourceFile } from "./imports.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const sources = new Map<string, SourceFile>(
  readSources(root, ["packages/client/src"]).map((file) => [file.path, file]),
);

/** Everything that is loaded with a module, its own packages apart from those of others. */
function loadedWith(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    const file = sources.get(path);
    if (file === undefined || files.has(path)) return;
    files.add(path);
    for (const { specifier, isTypeOnly, isLater } of file.imports) {
      if (isTypeOnly || isLater) continue;
      if (specifier.startsWith(".")) visit(resolveRelative(path, specifier));
      else packages.add(specifier);
    }
  };
  visit(`packages/client/src/${entry}`);
  return { files, packages };
}

test("whoever imports the client loads no schema and no mock; those come when they are needed", () => {
  const { files, packages } = loadedWith("index.ts");
  expect([...files].filter((path) => path.includes("/mock/"))).toEqual([]);
  expect([...packages]).not.toContain("@openclaw-gateway/protocol");
  expect([...packages]).not.toContain("zod");
  // It is read at all.
  expect([...files]).toContain("packages/client/src/gateway-client.ts");
  expect([...packages]).toContain("ws");
});

test("the core loads nothing but the words of the wire", () => {
  const { files, packages } = loadedWith("core/index.ts");
  expect([...packages]).toEqual(["@openclaw-gateway/protocol/wire"]);
  expect([...files].filter((path) => !path.startsWith("packages/client/src/core/"))).toEqual([]);
});
