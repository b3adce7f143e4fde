import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { ClearedCommand, Clock } from "@openclaw-gateway/server";
import type { Output } from "./output.ts";

/** How long a command may take to obey before it is killed. */
const graceMs = 2_000;
/** How long children may keep the output open after the command itself has ended. */
const lingerMs = 300;

export type CommandEnd = {
  exitCode: number | undefined;
  signal: string | undefined;
  /** Why the gateway ended it. */
  stopped?: "timeout" | "stopped";
  /** Why it did not even start. */
  failure?: string;
  durationMs: number;
};

export type RunningCommand = {
  pid: number;
  startedAtMs: number;
  ended: Promise<CommandEnd>;
  /** Ends the command and everything it started. */
  stop(reason: "timeout" | "stopped"): void;
  write(text: string): void;
};

/** Runs what was cleared, exactly that, without a shell in between; in a process group of its own. */
export function runCommand(
  { file, argv, cwd, env }: ClearedCommand,
  { clock, timeoutMs, output }: { clock: Clock; timeoutMs: number; output: Output },
): RunningCommand {
  const startedAtMs = clock.now();
  const child = spawn(file, argv.slice(1), {
    argv0: argv[0],
    cwd,
    env: { ...env },
    shell: false,
    detached: true,
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stopped: CommandEnd["stopped"];
  let cancelKill = (): void => {};
  const done = Promise.withResolvers<CommandEnd>();

  function stop(reason: "timeout" | "stopped"): void {
    if (stopped) return;
    stopped = reason;
    signalGroup(child, "SIGTERM");
    cancelKill = clock.at(clock.now() + graceMs, () => signalGroup(child, "SIGKILL"));
  }
  const cancelTimeout = clock.at(startedAtMs + timeoutMs, () => stop("timeout"));

  const drained = Promise.all([drain(child.stdout, output), drain(child.stderr, output)]);
  // A command that does not read its input is no failure.
  child.stdin.on("error", () => undefined);

  function finish(end: Pick<CommandEnd, "exitCode" | "signal" | "failure">): void {
    cancelTimeout();
    cancelKill();
    const durationMs = clock.now() - startedAtMs;
    void output.end().then(() => done.resolve({ ...end, ...(stopped && { stopped }), durationMs }));
  }
  child.once("error", (error) => finish({ exitCode: undefined, signal: undefined, failure: error.message }));
  child.once("exit", (code, signal) => {
    const late = Promise.withResolvers<void>();
    const cancel = clock.at(clock.now() + lingerMs, late.resolve);
    void Promise.race([drained, late.promise]).then(() => {
      cancel();
      // Whatever it left behind ends with it.
      signalGroup(child, "SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      finish({ exitCode: code ?? undefined, signal: signal ?? undefined });
    });
  });

  return {
    pid: child.pid ?? 0,
    startedAtMs,
    ended: done.promise,
    stop,
    write: (text) => void child.stdin.write(text),
  };
}

async function drain(stream: Readable, output: Output): Promise<void> {
  try {
    for await (const chunk of stream) await output.add(chunk as Buffer);
  } catch {
    // Closed under the reader: the command is over.
  }
}

/** The child leads its group; a group that is gone already is fine. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left.
  }
}
