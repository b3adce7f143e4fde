import { builtinModules } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";

/** What a page downloads, gzipped. */
const maxBytes = 12_000;

describe("the bundle of a page", () => {
  let modules: string[] = [];
  let imports: string[] = [];
  let code = "";

  beforeAll(async () => {
    const input = join(import.meta.dirname, "index.ts");
    const bundle = await rolldown({ input, platform: "browser", logLevel: "silent" });
    const { output } = await bundle.generate({ format: "esm", minify: true });
    await bundle.close();
    const chunks = output.filter((one) => one.type === "chunk");
    modules = chunks.flatMap((chunk) => chunk.moduleIds);
    imports = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
    code = chunks.map((chunk) => chunk.code).join("");
  });

  test("holds the client and leaves nothing to import", () => {
    expect(modules.some((id) => id.endsWith("packages/client/src/core/connection.ts"))).toBe(true);
    expect(imports).toEqual([]);
  });

  test("holds no schema and nothing of Node", () => {
    const isNode = (id: string): boolean => id.startsWith("node:") || builtinModules.includes(id);
    expect(modules.filter((id) => /[\\/]zod[\\/]|[\\/]ws[\\/]/.test(id) || isNode(id))).toEqual([]);
    expect(modules.filter((id) => id.includes("packages/protocol/src/capabilities"))).toEqual([]);
    expect(code).not.toMatch(/\b(process|Buffer|require|setImmediate)\b[.(]/);
  });

  test(`is smaller than ${maxBytes} bytes`, () => {
    expect(gzipSync(code).byteLength).toBeLessThan(maxBytes);
  });
});
