import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { type Address, openConnection, type WireConnection } from "../driver/wire-connection.ts";
import { sleep } from "../monotonic.ts";
import { benchToken } from "../state-folder.ts";
import { findFreePort, hasEnded, startNode, stopChild, tailOf } from "./child.ts";

/** A server that can be started: the gateway, or the limit. */
export type Target = { readonly name: "limit" | "ours"; start(): Promise<RunningTarget> };

export type RunningTarget = {
  readonly name: "limit" | "ours";
  readonly address: Address;
  readonly pid: number;
  /** From the start of the process to `hello-ok`. */
  readonly startMs: number;
  /** The connection that waited for `hello-ok`. */
  readonly connection: WireConnection;
  stop(): Promise<void>;
};

const startTimeoutMs = 30_000;
const retryMs = 2;

export function createLimitTarget({ providerPort, folder }: { providerPort: number; folder: string }): Target {
  const file = new URL("../servers/limit-server.ts", import.meta.url).pathname;
  const logFile = join(folder, "limit.log");
  return {
    name: "limit",
    start: async () => {
      const port = await findFreePort();
      return follow("limit", { port, token: benchToken }, logFile, () =>
        startNode(file, { args: [String(port), String(providerPort)], logFile }),
      );
    },
  };
}

/** The built command, started as a user starts it. */
export function createGatewayTarget({
  entry,
  stateDir,
  folder,
  env = {},
}: {
  entry: string;
  stateDir: string;
  folder: string;
  /** Beside what every gateway of the benchmark gets. */
  env?: NodeJS.ProcessEnv;
}): Target {
  const logFile = join(folder, "gateway.log");
  return {
    name: "ours",
    start: async () => {
      const port = await findFreePort();
      const args = ["gateway", "run", "--port", String(port), "--state-dir", stateDir];
      return follow("ours", { port, token: benchToken }, logFile, () =>
        startNode(entry, { args, logFile, env: { ...gatewayEnv(folder), ...env } }),
      );
    },
  };
}

/** Nothing of the user's own gateway or accounts may take part; compiled code is kept beside the benchmark's state. */
function gatewayEnv(folder: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^OPENCLAW_|_API_KEY$/.test(name));
  return { ...Object.fromEntries(own), XDG_CACHE_HOME: join(folder, "cache") };
}

async function follow(
  name: RunningTarget["name"],
  address: Address,
  logFile: string,
  spawnChild: () => ChildProcess,
): Promise<RunningTarget> {
  const startedAtMs = performance.now();
  const child = spawnChild();
  const connection = await firstHello(child, address, logFile, startedAtMs + startTimeoutMs);
  const startMs = performance.now() - startedAtMs;
  return {
    name,
    address,
    pid: child.pid!,
    startMs,
    connection,
    stop: async () => {
      connection.socket.terminate();
      await stopChild(child);
    },
  };
}

async function firstHello(
  child: ChildProcess,
  address: Address,
  logFile: string,
  deadlineMs: number,
): Promise<WireConnection> {
  for (;;) {
    try {
      return await openConnection(address);
    } catch (error) {
      if (hasEnded(child) || performance.now() > deadlineMs)
        throw new Error(`no hello-ok:\n${tailOf(logFile)}`, { cause: error });
    }
    await sleep(retryMs);
  }
}
