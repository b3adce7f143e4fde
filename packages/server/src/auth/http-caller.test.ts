import { describe, expect, test } from "vitest";
import { openSocket } from "../testing/socket-client.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const start = () => startTestGateway(createScriptedRuntime(() => answer("hi")));
const ask = (url: string, headers: Record<string, string> = {}, query = "") =>
  fetch(`${url}control-ui-config.json${query}`, { headers });

describe("a caller over HTTP", () => {
  test("is let in by the secret as bearer", async () => {
    await using test = await start();
    const response = await ask(test.url, { authorization: "Bearer secret" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ basePath: "", assistantAgentId: "main" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["nothing", {}, ""],
    ["a wrong bearer", { authorization: "Bearer guess" }, ""],
    ["another scheme", { authorization: "Basic c2VjcmV0" }, ""],
    ["the secret in the address (T-A5)", {}, "?token=secret"],
  ])("is refused with %s, in the form clients read", async (_, headers, query) => {
    await using test = await start();
    const response = await ask(test.url, headers, query);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { message: "Unauthorized", type: "unauthorized" } });
  });

  test("T-G3: guesses count together with those on a socket", async () => {
    await using test = await start();
    for (let count = 0; count < 5; count++) {
      expect((await ask(test.url, { authorization: "Bearer guess" })).status).toBe(401);
      using client = await openSocket(test.url);
      await client.connect({ auth: { token: "guess" } });
    }
    const blocked = await ask(test.url, { authorization: "Bearer secret" });
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers.get("retry-after"))).toBeGreaterThan(0);
    using client = await openSocket(test.url);
    expect(await client.connect()).toMatchObject({ error: { details: { code: "AUTH_RATE_LIMITED" } } });
  });
});
