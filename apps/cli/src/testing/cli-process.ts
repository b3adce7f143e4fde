import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const sourceEntry = join(import.meta.dirname, "../main.ts");
export const builtEntry = join(import.meta.dirname, "../../dist/openclaw.js");

export type Finished = { code: number | null; stdout: string; stderr: string };

/** A child process of the program whose output can be waited for. */
export interface CliProcess extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the match as soon as the output (of both kinds) holds it; rejects when the process ends without. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** As `until`, but only text that came after the last match counts. */
  next(pattern: RegExp): Promise<RegExpExecArray>;
  write(text: string): void;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Finished>;
}

/** An installation of its own in a temporary folder, and processes of the program that see nothing else. */
export interface TestInstallation extends AsyncDisposable {
  readonly stateDir: string;
  readonly environment: Record<string, string>;
  spawn(args: readonly string[], environment?: Record<string, string>): CliProcess;
  /** Runs a command to its end. */
  run(args: readonly string[], environment?: Record<string, string>): Promise<Finished>;
  /** Starts the gateway on a free port and resolves when it has said that it runs. */
  startGateway(args?: readonly string[], environment?: Record<string, string>): Promise<CliProcess>;
}

export async function createInstallation(entry = sourceEntry): Promise<TestInstallation> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cli-"));
  const stateDir = join(folder, "state");
  const base = { PATH: process.env["PATH"] ?? "", HOME: folder, OPENCLAW_STATE_DIR: stateDir };
  const processes: CliProcess[] = [];

  function spawnCli(args: readonly string[], environment: Record<string, string> = {}): CliProcess {
    const child = spawn(process.execPath, [entry, ...args], { env: { ...base, ...environment }, cwd: folder });
    const started = watchProcess(child);
    processes.push(started);
    return started;
  }

  return {
    stateDir,
    environment: base,
    spawn: spawnCli,
    run: (args, environment) => {
      const started = spawnCli(args, environment);
      started.endInput();
      return started.ended;
    },
    startGateway: async (args = [], environment = {}) => {
      const gateway = spawnCli(["gateway", "run", "--port", "0", ...args], environment);
      await gateway.until(/is running\n +Open \S+\n/);
      return gateway;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(processes.map((started) => started[Symbol.asyncDispose]()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function watchProcess(child: ChildProcessWithoutNullStreams): CliProcess {
  let stdout = "";
  let stderr = "";
  let all = "";
  let position = 0;
  let isOver = false;
  const watchers = new Set<() => void>();
  const wake = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    all += text;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    all += text;
    wake();
  });
  // Writing to a process that has ended is no failure of the test.
  child.stdin.on("error", () => {});
  const ended = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      isOver = true;
      resolve({ code, stdout, stderr });
      wake();
    });
  });

  const find = (pattern: RegExp, from: () => number): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const start = from();
        const match = pattern.exec(all.slice(start));
        if (match !== null) {
          position = start + match.index + match[0].length;
          resolve(match);
        } else if (isOver) reject(new Error(`ended without ${pattern}:\n${all}`));
        else return;
        watchers.delete(look);
      };
      watchers.add(look);
      look();
    });

  return {
    pid: child.pid ?? -1,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    until: (pattern) => find(pattern, () => 0),
    next: (pattern) => {
      const from = position;
      return find(pattern, () => from);
    },
    write: (text) => void child.stdin.write(text),
    endInput: () => child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended.catch(() => undefined);
    },
  };
}
