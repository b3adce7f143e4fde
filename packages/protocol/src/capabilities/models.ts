import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** `contextWindow` is tokens. A model of the offline demo carries the tag `demo`. */
export const ModelChoice = z.looseObject({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  contextWindow: z.int().optional(),
  reasoning: z.boolean().optional(),
  input: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  available: z.boolean().optional(),
});
export type ModelChoice = z.output<typeof ModelChoice>;

export const modelsMethods = {
  "models.list": {
    description: "Models of every configured provider.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({}),
    result: z.looseObject({ models: z.array(ModelChoice) }),
  },
  "models.authStatus": {
    description: "How each configured provider is authorized; never the credential itself.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ agentId: z.string().optional() }),
    result: z.looseObject({
      ts: z.int(),
      providers: z.array(
        z.looseObject({
          provider: z.string(),
          displayName: z.string(),
          /** `static`: a key or none, that does not expire by itself. */
          status: z.string(),
          profiles: z.array(z.unknown()),
        }),
      ),
      providerCapabilities: z.array(z.unknown()),
    }),
  },
} satisfies MethodGroup;
