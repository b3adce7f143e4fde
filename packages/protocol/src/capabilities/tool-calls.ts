import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/**
 * Tools called by a program instead of a model. No socket has it: a client there speaks to an agent, or calls the methods
 * that the tools are made of.
 */
export const toolCallsMethods = {
  "tools.invoke": {
    description:
      "Call one tool of an agent, as a turn in this caller's name could. Tools of the machine and, unless allowed, those that start or steer other sessions are not available.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({
      tool: z.string().min(1),
      /** Becomes the argument of that name where the tool has one. */
      action: z.string().optional(),
      args: z.record(z.string(), z.unknown()).optional(),
      /** The session in whose place it is called; the main one of the default agent unless given. */
      sessionKey: z.string().optional(),
      /** Only says whether it could be called. */
      dryRun: z.boolean().optional(),
    }),
    result: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("unavailable") }),
      z.object({ kind: z.literal("failed"), message: z.string() }),
      z.object({
        kind: z.literal("done"),
        result: z.object({
          content: z.array(z.object({ type: z.literal("text"), text: z.string() })),
          details: z.unknown().optional(),
        }),
      }),
    ]),
  },
} satisfies MethodGroup;
