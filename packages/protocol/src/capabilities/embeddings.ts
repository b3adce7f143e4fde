import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** What one request for embeddings may hold. */
export const embeddingLimits = { texts: 2_048, chars: 4_000_000 } as const;

/** Texts as vectors. No socket has it: the HTTP endpoint calls it. */
export const embeddingsMethods = {
  "embeddings.create": {
    description: "Turn texts into vectors with an agent's embedding model, or another one by name.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({
      agentId: z.string().min(1).optional(),
      /** `provider/model`; the agent's own unless given. */
      model: z.string().min(1).optional(),
      input: z
        .array(z.string().min(1, "must not be empty"))
        .min(1)
        .max(embeddingLimits.texts)
        .refine((texts) => texts.reduce((sum, text) => sum + text.length, 0) <= embeddingLimits.chars, {
          error: `all texts together may have ${embeddingLimits.chars} characters`,
        }),
      dimensions: z.int().min(1).optional(),
    }),
    result: z.discriminatedUnion("kind", [
      z.object({
        kind: z.literal("done"),
        /** In the order of the texts. */
        vectors: z.array(z.array(z.number())),
        tokens: z.int(),
        model: z.object({ provider: z.string(), id: z.string() }),
      }),
      /** Nothing is set up that could do it; the message names the setting. */
      z.object({ kind: z.literal("unavailable"), message: z.string() }),
      z.object({
        kind: z.literal("failed"),
        message: z.string(),
        errorKind: z.enum(["refusal", "timeout", "rate_limit", "context_length", "unknown"]),
      }),
    ]),
  },
} satisfies MethodGroup;
