import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayWithProvider, startGatewayWithProvider } from "./gateway-with-provider.ts";

type Answer = { status: number; body: Record<string, unknown> };

const invokeAt =
  (running: GatewayWithProvider) =>
  async (body: object, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(new URL("/tools/invoke", running.url), {
      method: "POST",
      headers: { authorization: `Bearer ${running.token}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

let running: GatewayWithProvider;
beforeAll(async () => {
  running = await startGatewayWithProvider({ config: { tools: { sessions: { visibility: "all" } } } });
  await running.openai().chat.completions.create({
    model: "openclaw",
    user: "seen",
    messages: [{ role: "user", content: "remember the marmalade" }],
  });
});
afterAll(() => running[Symbol.asyncDispose]());
const invoke = (body: object, headers?: Record<string, string>) => invokeAt(running)(body, headers);

describe("POST /tools/invoke", () => {
  test("calls a tool of the agent", async () => {
    const { status, body } = await invoke({ tool: "sessions_list", action: "json", args: { limit: 5 } });
    expect([status, body]).toMatchObject([200, { ok: true, result: { details: { count: 1 } } }]);
    expect(JSON.stringify(body)).toContain("agent:main:openai-user:seen");
    const history = await invoke({ tool: "sessions_history", args: { sessionKey: "agent:main:openai-user:seen" } });
    expect(JSON.stringify(history.body)).toContain("marmalade");
  });

  test("with dryRun does nothing", async () => {
    const { status, body } = await invoke({ tool: "sessions_list", dryRun: true });
    expect([status, body]).toMatchObject([200, { ok: true, dryRun: true }]);
    expect(JSON.stringify(body)).not.toContain("openai-user");
  });

  test.each(["nope", "read", "exec", "process", "sessions_spawn", "sessions_send", "__proto__"])(
    "GHSA-943q: %s is not available, whoever asks",
    async (tool) => {
      const body = { ok: false, error: { type: "not_found", message: `Tool not available: ${tool}` } };
      expect(await invoke({ tool, args: { command: "id", task: "x" } })).toEqual({ status: 404, body });
    },
  );

  test.each([{}, { tool: "" }, { tool: 5 }, []])("%j has no tool", async (body) => {
    const message = "tools.invoke requires body.tool";
    const error = { message, type: "invalid_request_error" };
    expect(await invoke(body)).toEqual({ status: 400, body: { error } });
  });

  test("tells what is wrong with the arguments", async () => {
    const error = { type: "tool_error", message: "sessionKey required" };
    expect(await invoke({ tool: "sessions_history" })).toEqual({ status: 400, body: { ok: false, error } });
  });

  test("T-D2: needs the right to write, and reaches no more than a turn in the caller's name", async () => {
    const refused = await invoke({ tool: "sessions_list" }, { "x-openclaw-scopes": "operator.read" });
    expect([refused.status, refused.body]).toMatchObject([
      403,
      { error: { message: "missing scope: operator.write" } },
    ]);
  });
});

test("GHSA-943q: the owner may allow what starts other runs, never what reaches the machine", async () => {
  const gateway = { tools: { allow: ["sessions_spawn", "exec", "read"], deny: ["sessions_list"] } };
  await using other = await startGatewayWithProvider({ gateway });
  const call = invokeAt(other);
  expect((await call({ tool: "exec", args: { command: "id" } })).status).toBe(404);
  expect((await call({ tool: "read", args: { path: "NOTES.md" } })).status).toBe(404);
  expect((await call({ tool: "sessions_list" })).status).toBe(404);
  const { status, body } = await call({ tool: "sessions_spawn", args: { task: "say hello" } });
  expect([status, body]).toMatchObject([200, { ok: true, result: { details: { status: "accepted" } } }]);
});

test("the agent's own policy holds, and agents that do not exist have no tools", async () => {
  await using other = await startGatewayWithProvider({ config: { tools: { deny: ["sessions_history"] } } });
  const call = invokeAt(other);
  expect((await call({ tool: "sessions_history", args: { sessionKey: "main" } })).status).toBe(404);
  expect((await call({ tool: "sessions_list", sessionKey: "agent:ghost:main" })).status).toBe(404);
  expect((await call({ tool: "sessions_list", sessionKey: "agent:work:main" })).status).toBe(200);
});
