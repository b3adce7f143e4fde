import { vectorOf } from "@openclaw-gateway/agent/testing";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayWithProvider, startGatewayWithProvider } from "./gateway-with-provider.ts";

let running: GatewayWithProvider;
beforeAll(async () => {
  running = await startGatewayWithProvider({ memorySearch: { provider: "test", model: "vectors" } });
});
afterAll(() => running[Symbol.asyncDispose]());

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("embeddings", () => {
  // The library asks for base64 unless told otherwise, and gives numbers back either way.
  test.each([{}, { encoding_format: "float" as const }, { encoding_format: "base64" as const }])(
    "come from the agent's embedding model (%j)",
    async (more) => {
      const answer = await running.openai().embeddings.create({ model: "openclaw", input: ["one", "three"], ...more });
      expect(answer).toMatchObject({ object: "list", model: "openclaw", usage: { prompt_tokens: 2, total_tokens: 2 } });
      const vectors = answer.data.map(({ embedding }) =>
        typeof embedding === "string"
          ? [...new Float32Array(new Uint8Array(Buffer.from(embedding, "base64")).buffer)]
          : embedding,
      );
      expect(vectors).toEqual([vectorOf("one"), vectorOf("three")]);
      expect(running.provider.embeddings.at(-1)).toMatchObject({ model: "vectors", input: ["one", "three"] });
    },
  );

  test("of one text, of another length, and of another model", async () => {
    const options = { headers: { "x-openclaw-model": "test/other" } };
    const body = { model: "openclaw/work", input: "x", dimensions: 5 };
    const answer = await running.openai().embeddings.create(body, options);
    expect(answer.data[0]?.embedding).toHaveLength(5);
    expect(running.provider.embeddings.at(-1)).toMatchObject({ model: "other", dimensions: 5 });
  });

  test.each<[object, string, string]>([
    [{ model: "agent:ghost", input: "x" }, "model_not_found", "model"],
    [{ model: "openclaw", input: [1, 2] }, "tokenizers", "input[0]"],
    [{ model: "openclaw", input: "" }, "must not be empty", "input[0]"],
    [{ model: "openclaw", input: ["x", ""] }, "must not be empty", "input[1]"],
    [{ model: "openclaw", input: [] }, "input", "input"],
  ])("%j is refused", async (body, text, param) => {
    const error = await refusal(running.openai().embeddings.create(body as OpenAI.EmbeddingCreateParams));
    expect(JSON.stringify(error) + String(error)).toContain(text);
    expect(error).toMatchObject({ param });
  });

  test.each([
    ["[[429]]", 429, "rate_limit_exceeded"],
    ["[[401]]", 502, "provider_error"],
  ])("that the provider refuses (%s) are an error without its key", async (input, status, code) => {
    const error = await refusal(running.openai().embeddings.create({ model: "openclaw", input }));
    expect(error).toMatchObject({ status, code });
    expect(String(error)).not.toContain("sk-test");
  });
});

test("without an embedding model the answer names the setting", async () => {
  await using other = await startGatewayWithProvider();
  const error = await refusal(other.openai().embeddings.create({ model: "openclaw", input: "x" }));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(String(error)).toContain("agents.defaults.memorySearch.model");
});
