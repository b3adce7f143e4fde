import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ClearedCommand, Clock } from "@openclaw-gateway/server";
import { createOutput, type Output } from "./output.ts";
import { type CommandEnd, runCommand, type RunningCommand } from "./run-command.ts";

/** Ended commands whose output can still be read. */
const keptEnded = 32;
const maxRunning = 32;

/** A command of a session, running or ended. */
export type Command = RunningCommand & {
  id: string;
  sessionKey: string;
  text: string;
  cwd: string;
  output: Output;
  end: CommandEnd | undefined;
};

export interface Commands {
  /** Throws when too many run already. */
  start(cleared: ClearedCommand, about: { sessionKey: string; text: string; timeoutMs: number }): Command;
  /** A session sees its own only. */
  of(sessionKey: string): readonly Command[];
  find(sessionKey: string, id: string): Command | undefined;
  close(): Promise<void>;
}

/** Every command that this runtime has started; they do not outlive it. */
export function createCommands({ stateDir, clock }: { stateDir: string; clock: Clock }): Commands {
  const all = new Map<string, Command>();

  function forgetOldest(): void {
    const ended = [...all.values()].filter(({ end }) => end);
    for (const { id, output } of ended.slice(0, Math.max(0, ended.length - keptEnded))) {
      all.delete(id);
      void output.remove();
    }
  }

  return {
    start: (cleared, { sessionKey, text, timeoutMs }) => {
      const running = [...all.values()].filter(({ end }) => !end).length;
      if (running >= maxRunning) throw new Error(`${running} commands run already; end one of them first`);
      const id = `exec-${randomBytes(6).toString("hex")}`;
      const output = createOutput(join(stateDir, "exec-output", `${id}.log`));
      const command: Command = {
        ...runCommand(cleared, { clock, timeoutMs, output }),
        id,
        sessionKey,
        text,
        cwd: cleared.cwd,
        output,
        end: undefined,
      };
      all.set(id, command);
      void command.ended.then((end) => {
        command.end = end;
        forgetOldest();
      });
      return command;
    },
    of: (sessionKey) => [...all.values()].filter((command) => command.sessionKey === sessionKey),
    find: (sessionKey, id) => {
      const command = all.get(id);
      return command?.sessionKey === sessionKey ? command : undefined;
    },
    close: async () => {
      const commands = [...all.values()];
      for (const { stop, end } of commands) if (!end) stop("stopped");
      await Promise.all(commands.map(({ ended }) => ended));
      await Promise.all(commands.map(({ output }) => output.remove()));
    },
  };
}

/** How a command ended, in words for the model; nothing when it simply succeeded. */
export function describeEnd({ exitCode, signal, stopped, failure, durationMs }: CommandEnd): string {
  if (failure !== undefined) return `The command could not be started: ${failure}`;
  if (stopped === "timeout") return `The command was stopped after ${Math.round(durationMs / 1_000)} s.`;
  if (stopped === "stopped") return "The command was stopped.";
  if (signal !== undefined) return `The command was ended by ${signal}.`;
  return exitCode === 0 ? "" : `The command exited with code ${exitCode}.`;
}
