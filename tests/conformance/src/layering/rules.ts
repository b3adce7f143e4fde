import { builtinModules } from "node:module";
import { type Import, resolveRelative, type SourceFile } from "./imports.ts";

export const scope = "@openclaw-gateway/";

type Layer = {
  /** Packages of this workspace that may be imported, by their entry. */
  workspace: readonly string[];
  /** Only types may be taken from these. */
  workspaceTypes?: readonly string[];
  /** Packages from npm; `any` leaves it to the manifest. */
  npm: readonly string[] | "any";
  node: boolean;
};

/**
 * Who may import whom. The keys are the folders of the packages; a file belongs to the longest key that is a prefix
 * of its path. Folders that are not listed (`apps/cli`, `tests`, `examples`) may import everything.
 */
export const layers: Readonly<Record<string, Layer>> = {
  "packages/protocol": { workspace: [], npm: ["zod"], node: false },
  "packages/server": { workspace: ["protocol"], npm: "any", node: true },
  "packages/agent": { workspace: ["protocol"], workspaceTypes: ["server"], npm: "any", node: true },
  "packages/channels": { workspace: ["protocol"], workspaceTypes: ["server"], npm: "any", node: true },
  "packages/client": { workspace: ["protocol", "protocol/wire"], npm: ["hono", "liquidjs", "ws"], node: true },
  "packages/client/src/core": { workspace: ["protocol/wire"], workspaceTypes: ["protocol"], npm: [], node: false },
  "packages/browser-client": {
    workspace: ["client/core", "protocol/wire"],
    workspaceTypes: ["protocol"],
    npm: [],
    node: false,
  },
  "apps/control-ui": {
    workspace: ["browser-client", "browser-client/device", "protocol", "protocol/wire"],
    npm: "any",
    node: false,
  },
};

/** The only places that may see the server together with the agent runtime or a client. */
const composers = /^(apps\/cli|tests|examples)\//;

/** Inside the server: what a folder (or file) of `packages/server/src` may import from the others. */
const serverFoundations = ["platform"];
const serverRoots = new Set(["app.ts", "gateway.ts", "create-gateway.ts", "index.ts"]);

const isTest = (path: string) => /\.(test|test-d)\.tsx?$/.test(path);
/** What tests of any package may use. */
const testHelpers: ReadonlySet<string> = new Set(["client/testing", "properties", "properties/told"]);
const isBuiltin = (specifier: string) => specifier.startsWith("node:") || builtinModules.includes(specifier);
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

export const layerOf = (path: string) =>
  Object.keys(layers)
    .filter((folder) => path.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)[0];

const packageFolderOf = (path: string) => path.split("/").slice(0, 2).join("/");

function checkPackage(path: string, { specifier, isTypeOnly }: Import): string | undefined {
  const folder = layerOf(path);
  const layer = folder === undefined ? undefined : layers[folder];
  if (folder === undefined || layer === undefined) return undefined;
  if (specifier.startsWith(".")) {
    const target = resolveRelative(path, specifier);
    return target.startsWith(`${folder}/`) ? undefined : `leaves ${folder}`;
  }
  // Configuration and tests run on Node with the tools of the workspace; the workspace's own layers hold for them too.
  const isTooling = isTest(path) || !path.startsWith(`${packageFolderOf(path)}/src/`);
  if (specifier.startsWith(scope)) {
    const entry = specifier.slice(scope.length);
    if (layer.workspace.includes(entry)) return undefined;
    if (testHelpers.has(entry) && isTest(path)) return undefined;
    if (layer.workspaceTypes?.includes(entry)) {
      return isTypeOnly ? undefined : `${folder} may take only types from ${entry}`;
    }
    return `${folder} may not import ${entry}`;
  }
  if (isTooling) return undefined;
  if (isBuiltin(specifier)) return layer.node ? undefined : `${folder} runs without Node`;
  if (layer.npm === "any" || layer.npm.includes(packageOf(specifier))) return undefined;
  return `${folder} may not depend on ${packageOf(specifier)}`;
}

function checkServer(path: string, { specifier }: Import): string | undefined {
  const src = "packages/server/src/";
  if (!path.startsWith(src)) return undefined;
  const from = path.slice(src.length).split("/");
  // Tests look at what is on disk, and break it.
  const isTrial = isTest(path) || from[0] === "testing";
  const isStore = isTrial || from[0] === "store" || /(\.store|-store)(\.test|\.contract)?\.ts$/.test(path);
  if (!isStore && (packageOf(specifier) === "kysely" || specifier === "node:sqlite")) {
    return "only store/ and *.store.ts speak to the database";
  }
  if (!specifier.startsWith(".")) return undefined;
  const to = resolveRelative(path, specifier).slice(src.length).split("/");
  const [fromFolder, fromCapability] = from;
  const [toFolder, toCapability] = to;
  if (from.length === 1 && serverRoots.has(from[0] ?? "")) return undefined;
  if (to.length === 1 && serverRoots.has(to[0] ?? ""))
    return isTest(path) || fromFolder === "testing" ? undefined : "only tests import the root";
  if (toFolder === "capabilities" && toCapability !== undefined) {
    if (fromFolder !== "capabilities") return "only app.ts knows the capabilities";
    if (fromCapability !== toCapability) return "a capability never imports another";
  }
  if (fromFolder !== undefined && serverFoundations.includes(fromFolder) && toFolder !== fromFolder) {
    return `${fromFolder}/ imports nothing above it`;
  }
  if (fromFolder === "rpc" && ["http", "connection", "transport", "capabilities"].includes(toFolder ?? "")) {
    return "rpc/ imports nothing above it";
  }
  return undefined;
}

function checkDialects(path: string, { specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const dialect = /^packages\/protocol\/src\/wire\/(v\d+)\//;
  const to = dialect.exec(resolveRelative(path, specifier))?.[1];
  if (to === undefined) return undefined;
  const from = dialect.exec(path)?.[1];
  if (from !== undefined) return from === to ? undefined : "a dialect never imports another";
  return path.startsWith("packages/protocol/src/wire/") ? undefined : "only wire/ looks inside a dialect";
}

function checkComposition({ path, imports }: SourceFile): string | undefined {
  if (composers.test(path)) return undefined;
  const values = imports.filter(({ isTypeOnly }) => !isTypeOnly).map(({ specifier }) => packageOf(specifier));
  const together = ["server", "agent"].every((name) => values.includes(scope + name));
  return together ? "only apps/cli composes server and agent" : undefined;
}

/** One line per import that points the wrong way. */
export function violations(file: SourceFile): string[] {
  const lines = file.imports.flatMap((entry) =>
    [checkPackage, checkServer, checkDialects].flatMap((check) => {
      const reason = check(file.path, entry);
      return reason === undefined ? [] : [`${file.path} → ${entry.specifier}: ${reason}`];
    }),
  );
  const composition = checkComposition(file);
  return composition === undefined ? lines : [...lines, `${file.path}: ${composition}`];
}
