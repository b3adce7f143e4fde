import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const read = { since: 4, role: "operator", scope: "operator.read" } as const;

/** Work beside the conversation: what runs in the background, and what an agent proposes or reports. */
export const tasksMethods = {
  "tasks.list": {
    description: "Background tasks, of one session or agent when asked.",
    ...read,
    params: z.object({
      sessionKey: z.string().optional(),
      agentId: z.string().optional(),
      status: z.union([z.string(), z.array(z.string())]).optional(),
      limit: z.int().min(1).optional(),
    }),
    result: z.looseObject({ tasks: z.array(z.looseObject({ id: z.string(), status: z.string() })) }),
  },
  "taskSuggestions.list": {
    description: "Tasks that an agent proposes.",
    ...read,
    params: z.object({ agentId: z.string().optional() }),
    result: z.looseObject({ suggestions: z.array(z.looseObject({ id: z.string() })) }),
  },
  "progressCard.get": {
    description: "The progress an agent shows in a session, or null.",
    ...read,
    params: z.object({ sessionKey: z.string().min(1) }),
    result: z.looseObject({ card: z.looseObject({}).nullable() }),
  },
} satisfies MethodGroup;
