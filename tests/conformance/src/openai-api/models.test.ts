import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayWithProvider, startGatewayWithProvider } from "./gateway-with-provider.ts";

let running: GatewayWithProvider;
beforeAll(async () => {
  running = await startGatewayWithProvider();
});
afterAll(() => running[Symbol.asyncDispose]());

describe("the official client", () => {
  test("lists the agents as models", async () => {
    const models = await running.openai().models.list();
    expect(models.data.map(({ id }) => id)).toEqual(["openclaw", "openclaw/default", "openclaw/main", "openclaw/work"]);
    expect(await running.openai().models.retrieve("openclaw/work")).toMatchObject({
      id: "openclaw/work",
      object: "model",
    });
  });

  test("knows the errors for what they are", async () => {
    await expect(running.openai().models.retrieve("openclaw/ghost")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const refused = await running
      .openai({ apiKey: "guess" })
      .models.list()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(refused).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(refused).toMatchObject({ status: 401, type: "unauthorized", requestID: expect.stringMatching(/^req_/) });
  });
});
