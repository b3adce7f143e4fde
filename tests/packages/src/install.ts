import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root } from "./published.ts";
import { type Ended, run } from "./run.ts";

/** An empty folder outside of the workspace, with the packed packages installed by npm. */
export type Installation = AsyncDisposable & { folder: string; tarballs: ReadonlyMap<string, string> };

/** No registry can be reached and the cache does not hold everything: nothing is wrong with the packages. */
export class NoRegistryError extends Error {
  override readonly name = "NoRegistryError";
}

const consumer = join(import.meta.dirname, "../consumer");
const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/;

/** What a person's shell has, with this Node first; nothing of the package manager that runs the tests. */
export function personsEnv(node: string, home: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|node_options|openclaw_|vitest)/i.test(name),
  );
  return { ...Object.fromEntries(inherited), HOME: home, PATH: [dirname(node), process.env["PATH"]].join(delimiter) };
}

/** Packing needs pnpm, installing the packages that ours depend on; both come from the registry or a cache. */
function succeeded(what: string, { code, output }: Ended): void {
  if (code === 0) return;
  throw unreachable.test(output) ? new NoRegistryError(output) : new Error(`${what} failed:\n${output}`);
}

/** Packs every package; the names of the tarballs by those of the packages. */
export async function pack(folder: string): Promise<Map<string, string>> {
  await mkdir(folder, { recursive: true });
  succeeded(
    "packing",
    await run(process.execPath, [join(root, "scripts", "pack-packages.mjs"), folder], { cwd: root }),
  );
  const files = await readdir(folder);
  return new Map(
    files.map((file) => [file.replace(/^openclaw-gateway-(.*)-\d.*$/, "@openclaw-gateway/$1"), join(folder, file)]),
  );
}

/**
 * Depends on every tarball. The packages name each other by version; the overrides keep npm from asking a registry for
 * those names, which would take time where nobody answers, and another's package where somebody does.
 */
const manifestOf = (tarballs: ReadonlyMap<string, string>) => ({
  name: "consumer",
  private: true,
  type: "module",
  dependencies: {
    ...Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`])),
    "@types/node": "^24",
  },
  overrides: Object.fromEntries([...tarballs.keys()].map((name) => [name, `$${name}`])),
});

export async function install(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-packages-"));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const tarballs = await pack(join(folder, "tarballs"));
    await cp(consumer, folder, { recursive: true });
    await writeFile(join(folder, "package.json"), JSON.stringify(manifestOf(tarballs)));
    // npm may ask its cache and its configuration in the real home; what it installs lies in the folder.
    const installing = await run(
      "npm",
      ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"],
      { cwd: folder, env: personsEnv(process.execPath, process.env["HOME"] ?? folder) },
    );
    succeeded("npm install", installing);
    return { folder, tarballs, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
