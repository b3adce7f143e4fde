import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { published, root } from "./published.ts";

/** Pages whose programs a reader copies. A block without imports is a part of one, and nothing on its own. */
const pages = ["README.md", "docs/provisioning.md", ...published.map(({ path }) => `${path}/README.md`)];

/** Writes every program on the pages as a module of its own, named after its page. */
export async function writeSnippets(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const page of pages) {
    const text = await readFile(join(root, page), "utf8");
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
      .map(([, code = ""]) => code)
      .filter((code) => /^import /m.test(code));
    for (const [index, code] of blocks.entries()) {
      const name = `${page.replaceAll(/\W+/g, "-").toLowerCase()}-${index + 1}.ts`;
      await writeFile(join(folder, name), `${code}\nexport {};\n`);
    }
  }
}

/** Writes the files that the quick start has its reader write, under their names. */
export async function writeQuickStart(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const page = await readFile(join(root, "docs/quick-start.md"), "utf8");
  for (const [, name = "", content = ""] of page.matchAll(/^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$/gms)) {
    await writeFile(join(folder, name), content);
  }
}

/** Writes a program that loads every entry of every package and finds something in it. */
export async function writeEntries(file: string): Promise<void> {
  const entries = published.flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {}).map((subpath) => manifest.name + subpath.slice(1)),
  );
  const lines = [
    ...entries.map((entry, index) => `import * as entry${index} from ${JSON.stringify(entry)};`),
    `const entries: readonly object[] = [${entries.map((_, index) => `entry${index}`).join(", ")}];`,
    'for (const entry of entries) if (Object.keys(entry).length === 0) throw new Error("an entry is empty");',
    'console.log("done");',
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
}
