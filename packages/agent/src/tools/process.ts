import { z } from "zod";
import type { Command, Commands } from "../commands/commands.ts";
import { endedResult, runningResult } from "./exec.ts";
import { defineTool, textResult, type Tool, ToolError } from "./tool.ts";

const maxPollMs = 60_000;
const logBytes = 48 * 1024;

/** Follows and ends what `exec` has started for the same session. */
export function createProcessTool({ commands }: { commands: Commands }): Tool {
  return defineTool({
    name: "process",
    description:
      "Follow commands that exec has started: list them, poll one (waits a while for its end), read its log, write to its input, or kill it.",
    needsExec: true,
    params: z.object({
      action: z.enum(["list", "poll", "log", "write", "kill"]),
      sessionId: z.string().optional().describe("The id that exec gave; needed for all but list"),
      timeoutMs: z.int().min(0).max(maxPollMs).optional().describe("poll: how long to wait for the end"),
      offset: z.int().min(0).optional().describe("log: byte to begin with"),
      data: z.string().max(64_000).optional().describe("write: text for the command's input"),
    }),
    about: ({ action, sessionId }) => [action, sessionId].filter(Boolean).join(" "),
    run: async ({ action, sessionId, timeoutMs = 0, offset = 0, data }, { sessionKey = "", clock, signal }) => {
      if (action === "list") {
        const rows = commands.of(sessionKey).map(describe);
        return textResult(rows.join("\n") || "There are no commands.", { count: rows.length });
      }
      const command = sessionId === undefined ? undefined : commands.find(sessionKey, sessionId);
      if (!command)
        throw new ToolError(`there is no command ${sessionId ?? "without sessionId"}; action "list" names them`);
      switch (action) {
        case "poll": {
          const late = Promise.withResolvers<void>();
          const cancel = clock.at(clock.now() + timeoutMs, late.resolve);
          signal.addEventListener("abort", () => late.resolve(), { once: true });
          await Promise.race([command.ended, late.promise]);
          cancel();
          return endedResult(command);
        }
        case "log": {
          const { text, nextOffset } = await command.output.read(offset, logBytes);
          const more = nextOffset === undefined ? "" : `\n\n[more follows; continue with offset ${nextOffset}]`;
          return textResult(text + more, { offset, ...(nextOffset !== undefined && { nextOffset }) });
        }
        case "write":
          if (data === undefined) throw new ToolError("data is missing");
          if (command.end) throw new ToolError(`${command.id} has ended`);
          command.write(data);
          return runningResult(command);
        case "kill":
          command.stop("stopped");
          await command.ended;
          return endedResult(command);
        default:
          return action satisfies never;
      }
    },
  });
}

function describe({ id, text, end, pid }: Command): string {
  const state = end ? `ended (${end.exitCode ?? end.signal ?? "failed"})` : `running (pid ${pid})`;
  return `${id} ${state}: ${text.length > 200 ? `${text.slice(0, 200)} [cut]` : text}`;
}
