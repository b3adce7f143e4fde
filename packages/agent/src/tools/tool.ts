import type { AgentMethod, Clock, ExecPort, ToolResultContent, TurnGateway } from "@openclaw-gateway/server";
import { z } from "zod";

export type ToolContext = {
  /** The way to the gateway, for tools that need it. */
  gateway?: TurnGateway;
  /** The way to commands of this machine, for tools that need it. */
  exec?: ExecPort;
  /** The session of the turn. */
  sessionKey?: string;
  /** Absolute path of the agent's folder; tools stay inside. */
  workspace: string;
  clock: Clock;
  signal: AbortSignal;
  /** Shows what there is so far of a result that takes time. */
  update(partial: ToolResultContent): void;
  warn(fields: Record<string, unknown>, message: string): void;
};

export type Tool = {
  name: string;
  /** For the model. */
  description: string;
  /** What it asks of the gateway; it is offered only where a turn may ask all of it. */
  needs?: readonly AgentMethod[];
  /** It is offered only where a turn may run commands. */
  needsExec?: true;
  params: z.ZodObject;
  /** What a call is about, in a few words for people who watch; nothing when the arguments do not tell. */
  about?(args: Record<string, unknown>): string | undefined;
  /** Throws `ToolError` for what the model should be told. */
  run(args: Record<string, unknown>, context: ToolContext): Promise<ToolResultContent>;
};

/** A failure that the model is told in its own words. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** Ties a tool's parameters to its function: `run` sees them parsed. */
export function defineTool<P extends z.ZodObject>(tool: {
  name: string;
  description: string;
  needs?: readonly AgentMethod[];
  needsExec?: true;
  params: P;
  about?(args: z.output<P>): string;
  run(args: z.output<P>, context: ToolContext): Promise<ToolResultContent>;
}): Tool {
  const { about, ...rest } = tool;
  return {
    ...rest,
    ...(about && {
      about: (args: Record<string, unknown>) => {
        const parsed = tool.params.safeParse(args);
        return parsed.success ? about(parsed.data) : undefined;
      },
    }),
    run: async (args, context) => {
      const parsed = tool.params.safeParse(args);
      if (!parsed.success) throw new ToolError(`invalid arguments for ${tool.name}: ${z.prettifyError(parsed.error)}`);
      return tool.run(parsed.data, context);
    },
  };
}

export const textResult = (text: string, details?: unknown): ToolResultContent => ({
  content: [{ type: "text", text }],
  ...(details !== undefined && { details }),
});
