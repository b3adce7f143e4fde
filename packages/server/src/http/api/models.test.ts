import { describe, expect, test } from "vitest";
import type { GatewayConfig } from "../../config/schema.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";
import { agentIn } from "./model-names.ts";

const offered: GatewayConfig = { gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } } };

async function start(config: GatewayConfig = offered) {
  const runtime = createScriptedRuntime(() => answer("hi"));
  runtime.reconfigure({ agents: { list: [{ id: "main", name: "Molly" }, { id: "work" }] } });
  const gateway = await startTestGateway(runtime, { config });
  const get = (path: string, headers: Record<string, string> = { authorization: "Bearer secret" }) =>
    fetch(new URL(path, gateway.url), { headers });
  return { ...gateway, get };
}

describe("GET /v1/models", () => {
  test("lists the gateway and its agents", async () => {
    await using gateway = await start();
    const response = await gateway.get("/v1/models");
    expect(await response.json()).toEqual({
      object: "list",
      data: [
        { id: "openclaw", object: "model", created: 0, owned_by: "openclaw" },
        { id: "openclaw/default", object: "model", created: 0, owned_by: "openclaw" },
        { id: "openclaw/main", object: "model", created: 0, owned_by: "openclaw", name: "Molly" },
        { id: "openclaw/work", object: "model", created: 0, owned_by: "openclaw" },
      ],
    });
  });

  test.each(["openclaw", "openclaw/work", "openclaw%2Fwork", "openclaw:work", "agent:work"])(
    "%s is one",
    async (name) => {
      await using gateway = await start();
      const response = await gateway.get(`/v1/models/${name}`);
      expect([response.status, await response.json()]).toMatchObject([
        200,
        { id: decodeURIComponent(name), object: "model", owned_by: "openclaw" },
      ]);
    },
  );

  test("tells an unknown one as OpenAI does", async () => {
    await using gateway = await start();
    const response = await gateway.get("/v1/models/openclaw/ghost");
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: { type: "invalid_request_error", code: "model_not_found", param: "model" } },
    ]);
  });

  test("wants the credential, and never in the address", async () => {
    await using gateway = await start();
    expect((await gateway.get("/v1/models", {})).status).toBe(401);
    expect((await gateway.get("/v1/models?token=secret", {})).status).toBe(401);
  });

  test("is not there unless an endpoint is enabled that uses it", async () => {
    await using gateway = await start({});
    const response = await gateway.get("/v1/models");
    expect(response.headers.get("content-type")).not.toContain("json");
  });
});

test.each([
  ["openclaw", undefined],
  ["openclaw/default", undefined],
  ["gpt-4o", undefined],
  ["openclaw/Main", "main"],
  ["openclaw:main", "main"],
  ["agent:main", "main"],
  ["", undefined],
])("the model %j is the agent %j", (model, agentId) => {
  expect(agentIn(model)).toBe(agentId);
});
