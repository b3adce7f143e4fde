// `pnpm dev`: the dashboard rebuilt and the gateway restarted on every change, on loopback, with a temporary state
// folder that is removed at the end. Set OPENCLAW_STATE_DIR to keep one. Arguments go to `openclaw gateway run`.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, childEnv, forwardSignals, node, root } from "./workspace.mjs";

// Not the default port: a gateway that is installed on this machine keeps its own.
const defaultPort = "19789";

const keptState = process.env.OPENCLAW_STATE_DIR;
const stateDir = keptState ?? mkdtempSync(join(tmpdir(), "openclaw-dev-"));
const args = process.argv.slice(2);
if (!args.some((arg) => arg === "--port" || arg.startsWith("--port="))) args.push("--port", defaultPort);

if ((await build()) !== 0) process.exit(1);

const ui = join(root, "apps", "control-ui");
const env = childEnv({ OPENCLAW_STATE_DIR: stateDir });
const children = [
  spawn(node, [join(ui, "node_modules", "vite", "bin", "vite.js"), "build", "--watch", "--logLevel", "warn"], {
    cwd: ui,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  }),
  spawn(node, ["--watch", "--watch-preserve-output", "apps/cli/src/main.ts", "gateway", "run", ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  }),
];
const ended = children.map((child) => new Promise((resolve) => child.on("close", resolve)));

for (const child of children) {
  forwardSignals(child);
  child.on("close", () => children.forEach((other) => other.kill("SIGTERM")));
}

await Promise.all(ended);
if (keptState === undefined) rmSync(stateDir, { recursive: true, force: true });
