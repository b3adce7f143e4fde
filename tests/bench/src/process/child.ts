import { type ChildProcess, fork, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { sleep } from "../monotonic.ts";

const children = new Set<ChildProcess>();

export type ChildOptions = { args: readonly string[]; logFile: string; env?: NodeJS.ProcessEnv; ipc?: boolean };

/** Starts a Node.js program; its output goes to the log file. Every child is ended with this process. */
export function startNode(file: string, { args, logFile, env = process.env, ipc = false }: ChildOptions): ChildProcess {
  const log = openSync(logFile, "a");
  const child = ipc
    ? fork(file, args, { stdio: ["ignore", log, log, "ipc"], env, execArgv: [] })
    : spawn(process.execPath, [file, ...args], { stdio: ["ignore", log, log], env });
  closeSync(log);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

export const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Asks a child to stop, and makes it stop after five seconds. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(killer);
}

/** For the way out: every child still there ends now. */
export function killChildren(): void {
  for (const child of children) child.kill("SIGKILL");
}

export const tailOf = (logFile: string): string => readFileSync(logFile, "utf8").slice(-2_000);

/** A port of the loopback interface that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** Waits for the first message of a child that tells its port. */
export async function portOf(child: ChildProcess, logFile: string): Promise<number> {
  const told = new Promise<number>((resolve) => {
    child.once("message", (message: { port: number }) => resolve(message.port));
  });
  const port = await Promise.race([told, sleep(10_000)]);
  if (port === undefined) throw new Error(`a helper process did not start:\n${tailOf(logFile)}`);
  return port;
}
