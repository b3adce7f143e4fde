import { z } from "zod";
import { ApiError } from "./api-error.ts";
import { findAgent } from "./model-names.ts";
import { offersModels } from "./models.ts";
import { parseBody } from "./parse-body.ts";
import type { ApiRoute } from "./route.ts";

const maxBodyBytes = 20_000_000;

const text = z
  .string("must be a text; numbers of tokens are not understood, because tokenizers differ")
  .min(1, "must not be empty");

const Body = z.looseObject({
  model: z.string().nullish(),
  input: z.preprocess(
    (given) => (typeof given === "string" ? [given] : given),
    z.array(text, "must be a text or a list of texts").min(1, "must hold a text"),
  ),
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

/** Texts as vectors, by the embedding model of an agent. */
export const embeddingsRoute: ApiRoute = {
  method: "POST",
  path: "/v1/embeddings",
  isOffered: offersModels,
  needs: "embeddings.create",
  maxBodyBytes: () => maxBodyBytes,
  answer: async ({ body, call, header }) => {
    const { model, input, dimensions, encoding_format: encoding } = parseBody(Body, body);
    const name = model || "openclaw";
    const backend = header("x-openclaw-model")?.trim();
    const agentId = findAgent(await call("agents.list", {}), { model: name, header: header("x-openclaw-agent-id") });
    const result = await call("embeddings.create", {
      input,
      ...(agentId !== undefined && { agentId }),
      ...(backend && { model: backend }),
      ...(typeof dimensions === "number" && { dimensions }),
    });
    switch (result.kind) {
      case "unavailable":
        throw new ApiError(400, result.message, { code: "embeddings_not_configured", param: "model" });
      case "failed":
        throw new ApiError(result.errorKind === "rate_limit" ? 429 : 502, result.message, {
          type: result.errorKind === "rate_limit" ? "rate_limit_error" : "server_error",
          code: result.errorKind === "rate_limit" ? "rate_limit_exceeded" : "provider_error",
        });
      case "done":
        return Response.json({
          object: "list",
          data: result.vectors.map((vector, index) => ({
            object: "embedding",
            index,
            embedding: encoding === "base64" ? toBase64(vector) : vector,
          })),
          model: name,
          usage: { prompt_tokens: result.tokens, total_tokens: result.tokens },
        });
      default:
        return result satisfies never;
    }
  },
};

/** 32-bit numbers, the lowest byte first: what OpenAI's libraries ask for unless they are told otherwise. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
