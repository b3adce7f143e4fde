import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../../..");

/** What the tests read of a `package.json`. */
export type Manifest = {
  name: string;
  version: string;
  private?: boolean;
  description?: string;
  keywords?: readonly string[];
  homepage?: string;
  bugs?: string;
  license?: string;
  type?: string;
  sideEffects?: boolean;
  files?: readonly string[];
  bin?: Readonly<Record<string, string>>;
  exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  engines?: Readonly<Record<string, string>>;
  repository?: { type: string; url: string; directory?: string };
  publishConfig?: { access?: string; provenance?: boolean; exports?: Manifest["exports"] };
  scripts?: Readonly<Record<string, string>>;
  dependencies?: Readonly<Record<string, string>>;
};

export type Published = { path: string; manifest: Manifest };

/** The tests judge the manifest; its types are only what they look at. */
export const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, "utf8")) as Manifest;

/** The packages of the workspace that npm gets. */
export const published: readonly Published[] = ["packages", "apps"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
  .map((path) => ({ path, manifest: readManifest(join(root, path, "package.json")) }))
  .filter(({ manifest }) => manifest.private !== true);

export const rootManifest = readManifest(join(root, "package.json"));
