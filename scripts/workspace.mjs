// Shared by the scripts of this folder. Plain JavaScript without dependencies: it runs on a fresh clone with Node 20.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isWindows = process.platform === "win32";
const stamps = join(root, "node_modules", ".openclaw");

/** The Node of the workspace (a dependency), not the one that runs this script. */
export const node = join(root, "node_modules", "node", "bin", isWindows ? "node.exe" : "node");
export const cliEntry = join(root, "apps", "cli", "dist", "openclaw.js");

export const childEnv = (extra = {}) => ({
  ...process.env,
  PATH: [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
  ...extra,
});

/** Runs a program to its end. Resolves with its exit code; a death by signal counts as 128 + number. */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: childEnv(), ...options });
    options.onSpawn?.(child);
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });

/** Hands the signals that ask this process to stop to a child, which decides how it ends. */
export const forwardSignals = (child) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the whole process group: a second copy would look like impatience.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
};

export const runPnpm = (args, options) => {
  const manager = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager;
  const inPnpm = (process.env.npm_config_user_agent ?? "").startsWith("pnpm/");
  return inPnpm
    ? run("pnpm", args, { shell: isWindows, ...options })
    : run("npx", ["--yes", manager, ...args], { shell: isWindows, ...options });
};

const skipped = new Set(["node_modules", "dist", ".turbo"]);

const filesUnder = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
  });

const hashFiles = (files) => {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of [...files].sort()) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
};

/** Runs `work` unless the files it reads are those of its last success. */
const unlessFresh = async (name, files, isThere, work) => {
  const stamp = join(stamps, name);
  const hash = hashFiles(files);
  if (isThere() && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return 0;
  const code = await work();
  if (code === 0) {
    mkdirSync(stamps, { recursive: true });
    writeFileSync(stamp, hash);
  }
  return code;
};

const manifests = () =>
  ["packages", "apps", "tests", "examples"]
    .filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name, "package.json")))
    .filter((file) => existsSync(file));

/** Folders of the packages that npm gets, from the root. */
export const publishedPackages = () =>
  manifests()
    .filter((file) => JSON.parse(readFileSync(file, "utf8")).private !== true)
    .map((file) => relative(root, dirname(file)));

export const install = () =>
  unlessFresh(
    "install",
    [...["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"].map((name) => join(root, name)), ...manifests()],
    () => existsSync(node),
    () => {
      console.log("Installing dependencies (only when they changed) …");
      return runPnpm(["install", "--frozen-lockfile"]);
    },
  );

const isSource = (file) => !/\.(test|test-d)\.tsx?$/.test(file) && !file.endsWith(".md");
const sourcesOf = (...folders) => folders.flatMap((folder) => filesUnder(join(root, folder))).filter(isSource);

/** Builds the dashboard and the binary when their sources changed. */
export const build = async () => {
  const lockfile = join(root, "pnpm-lock.yaml");
  const uiSources = sourcesOf("apps/control-ui", "packages/browser-client", "packages/client", "packages/protocol");
  const ui = await unlessFresh(
    "control-ui",
    [lockfile, ...uiSources],
    () => existsSync(join(root, "apps", "control-ui", "dist", "index.html")),
    () => {
      console.log("Building the dashboard …");
      const vite = join(root, "apps", "control-ui", "node_modules", "vite", "bin", "vite.js");
      return run(node, [vite, "build", "--logLevel", "warn"], { cwd: join(root, "apps", "control-ui") });
    },
  );
  if (ui !== 0) return ui;
  return unlessFresh(
    "cli",
    [lockfile, ...uiSources, ...sourcesOf("apps/cli", "packages")],
    () => existsSync(cliEntry),
    () => {
      console.log("Building the openclaw command …");
      return run(node, ["build.mjs"], { cwd: join(root, "apps", "cli") });
    },
  );
};

/** Builds the libraries as they are published when their sources changed. */
export const buildPackages = () => {
  const folders = publishedPackages().filter((path) => path.startsWith("packages"));
  return unlessFresh(
    "packages",
    [join(root, "pnpm-lock.yaml"), join(root, "scripts", "build-package.mjs"), ...sourcesOf("packages")],
    () => folders.every((path) => existsSync(join(root, path, "dist"))),
    () => {
      console.log("Building the packages …");
      return runPnpm([...folders.flatMap((path) => ["--filter", `./${path}`]), "run", "build"]);
    },
  );
};
