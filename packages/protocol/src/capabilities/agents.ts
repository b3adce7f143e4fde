import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** `model.primary` is `provider/model`; the official UI refuses to send without it. */
export const AgentSummary = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  identity: z
    .looseObject({ name: z.string().optional(), emoji: z.string().optional(), avatar: z.string().optional() })
    .optional(),
  workspace: z.string().optional(),
  model: z.looseObject({ primary: z.string(), fallbacks: z.array(z.string()).optional() }).optional(),
});
export type AgentSummary = z.output<typeof AgentSummary>;

export const agentsMethods = {
  "agents.list": {
    description: "The configured agents and which one is the default.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({}),
    result: z.looseObject({
      defaultId: z.string(),
      mainKey: z.string(),
      scope: z.string(),
      agents: z.array(AgentSummary),
    }),
  },
} satisfies MethodGroup;
