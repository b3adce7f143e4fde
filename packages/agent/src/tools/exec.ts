import type { ClearedCommand, ExecClearance, ExecPort } from "@openclaw-gateway/server";
import { z } from "zod";
import { type Command, type Commands, describeEnd } from "../commands/commands.ts";
import { defineTool, textResult, type Tool, type ToolContext, ToolError } from "./tool.ts";

const defaultYieldMs = 10_000;
const updateEveryMs = 500;
const tailBytes = 2_000;

/** Runs a command of this machine, as far as the gateway's policy and the people who approve let it. */
export function createExecTool({
  commands,
  timeoutSeconds,
}: {
  commands: Commands;
  timeoutSeconds: () => number;
}): Tool {
  async function runCleared(
    clearance: ExecClearance,
    text: string,
    timeout: number | undefined,
    sessionKey: string,
  ): Promise<Command> {
    let cleared: ClearedCommand;
    try {
      cleared = await clearance.claim();
    } catch (error) {
      throw new ToolError(messageOf(error));
    }
    return commands.start(cleared, { sessionKey, text, timeoutMs: (timeout ?? timeoutSeconds()) * 1_000 });
  }

  /** The turn may be over when a person has decided: the outcome comes to the session as a message. */
  async function runWhenDecided(
    port: ExecPort,
    approvalId: string,
    decided: Promise<{ clearance: ExecClearance } | { refused: string }>,
    run: (clearance: ExecClearance) => Promise<Command>,
    text: string,
  ): Promise<void> {
    const slug = slugOf(approvalId);
    const answer = await decided;
    if ("refused" in answer) {
      return port.report(
        approvalId,
        `System: a command was not run (approval ${slug}): ${answer.refused}.\n\n$ ${text}`,
      );
    }
    const result = await run(answer.clearance).then(
      async (command) => {
        const end = await command.ended;
        return `${describeEnd(end) || "The command exited with code 0."}\n\n${command.output.shown(command.id)}`;
      },
      (error: unknown) => `It could not be run: ${messageOf(error)}`,
    );
    await port.report(
      approvalId,
      `System: an approved command has ended (approval ${slug}).\n\n$ ${text}\n\n${result}`,
    );
  }

  return defineTool({
    name: "exec",
    description:
      "Run a command on the gateway's machine, in the workspace. Plain commands (one program and its arguments) may run at once; others, and programs that are not on the allow-list, wait until a person approves. A command that takes long goes on in the background; follow it with process.",
    needsExec: true,
    params: z.object({
      command: z.string().min(1).describe("The command, as typed into a shell"),
      workdir: z.string().min(1).optional().describe("Folder to run in, relative to the workspace"),
      env: z.record(z.string(), z.string()).optional().describe("LANG, LC_*, TZ, NO_COLOR and the like; nothing else"),
      timeout: z.number().positive().max(86_400).optional().describe("Seconds after which the command is stopped"),
      background: z.boolean().optional().describe("Do not wait for it"),
      yieldMs: z.int().min(0).max(120_000).optional().describe("How long to wait before it goes on in the background"),
    }),
    about: ({ command }) => command,
    run: async ({ command: text, workdir, env, timeout, background, yieldMs }, context) => {
      const { exec: port, sessionKey, workspace } = context;
      if (!port || sessionKey === undefined) throw new ToolError("this turn may not run commands");
      const review = await port.review({
        command: text,
        workspace,
        ...(workdir !== undefined && { cwd: workdir }),
        ...(env && { env }),
      });
      switch (review.status) {
        case "refused":
          throw new ToolError(review.reason);
        case "waiting": {
          const { approvalId, expiresAtMs, cwd, decided } = review;
          const run = (clearance: ExecClearance): Promise<Command> => runCleared(clearance, text, timeout, sessionKey);
          runWhenDecided(port, approvalId, decided, run, text).catch((error: unknown) =>
            context.warn({ approvalId, error: messageOf(error) }, "the outcome of a command could not be told"),
          );
          const slug = slugOf(approvalId);
          return textResult(`Approval required (id ${slug}). Approve to run; updates will arrive after completion.`, {
            status: "approval-pending",
            approvalId,
            approvalSlug: slug,
            expiresAtMs,
            host: "gateway",
            command: text,
            cwd,
          });
        }
        case "clear": {
          const command = await runCleared(review.clearance, text, timeout, sessionKey);
          await follow(command, context, background ? 0 : (yieldMs ?? defaultYieldMs));
          return command.end ? endedResult(command) : runningResult(command);
        }
        default:
          return review satisfies never;
      }
    },
  });
}

/** Watches a command until it ends, the time to wait is over, or the turn is aborted, which ends it. */
async function follow(command: Command, { clock, signal, update }: ToolContext, waitMs: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const cancels = [clock.at(clock.now() + waitMs, over.resolve)];
  const abort = (): void => command.stop("stopped");
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  let told = 0;
  let isOver = false;
  const show = (): void => {
    if (command.output.bytes > told) {
      told = command.output.bytes;
      update(textResult(command.output.tail(tailBytes), runningDetails(command)));
    }
    cancels.push(clock.at(clock.now() + updateEveryMs, show));
  };
  void command.output.first.then(() => isOver || show());
  await Promise.race([command.ended, over.promise]);
  isOver = true;
  signal.removeEventListener("abort", abort);
  for (const cancel of cancels) cancel();
}

export function endedResult(command: Command) {
  const { end, output, id, cwd } = command;
  if (!end) return runningResult(command);
  const shown = output.shown(id).trimEnd();
  const how = describeEnd(end);
  return textResult([shown, how].filter((part) => part !== "").join("\n\n") || "(no output)", {
    status: end.exitCode === 0 && !end.stopped ? "completed" : "failed",
    ...(end.exitCode !== undefined && { exitCode: end.exitCode }),
    ...(end.signal !== undefined && { signal: end.signal }),
    ...(end.stopped && { stopped: end.stopped }),
    durationMs: end.durationMs,
    aggregated: shown,
    cwd,
  });
}

const runningDetails = ({ id, pid, startedAtMs, cwd, output }: Command) => ({
  status: "running",
  sessionId: id,
  pid,
  startedAt: startedAtMs,
  cwd,
  tail: output.tail(tailBytes),
});

export function runningResult(command: Command) {
  const { id, pid } = command;
  const details = runningDetails(command);
  const { tail } = details;
  const note = `Command still running (session ${id}, pid ${pid}). Use process (list, poll, log, write, kill) for follow-up.`;
  return textResult(tail === "" ? note : `${tail}\n\n${note}`, details);
}

const slugOf = (approvalId: string): string => approvalId.slice(0, 8);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
