import { describe, expect, test } from "vitest";
import { createMemoryClient } from "../testing/memory-client.ts";
import { createTestDevice } from "../testing/test-device.ts";
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

  describe("with the token of a device", () => {
    const config = { gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } } };
    const startWithDevice = async (scopes: readonly string[]) => {
      const test = await startTestGateway(
        createScriptedRuntime(() => answer("hi")),
        { config },
      );
      const device = createTestDevice();
      const paired = await createMemoryClient(test.gateway).connectAs(device, { scopes });
      const { auth } = paired.payload as { auth: { deviceToken: string } };
      const models = (token = auth.deviceToken) =>
        fetch(new URL("/v1/models", test.url), { headers: { authorization: `Bearer ${token}` } });
      return { ...test, device, token: auth.deviceToken, models };
    };

    test("may do what the token allows", async () => {
      await using reader = await startWithDevice(["operator.read"]);
      expect((await reader.models()).status).toBe(200);
      await using approver = await startWithDevice(["operator.approvals"]);
      const refused = await approver.models();
      expect([refused.status, await refused.json()]).toMatchObject([
        403,
        { error: { message: "missing scope: operator.read" } },
      ]);
    });

    test("is nobody once the token is revoked, and guesses are counted", async () => {
      await using test = await startWithDevice(["operator.read"]);
      const admin = createMemoryClient(test.gateway);
      await admin.connect();
      await admin.request("device.token.revoke", { deviceId: test.device.id, role: "operator" });
      const refused = await test.models();
      expect([refused.status, await refused.json()]).toMatchObject([
        401,
        { error: { message: "Unauthorized", code: "AUTH_DEVICE_TOKEN_MISMATCH" } },
      ]);
      for (let count = 0; count < 9; count++) await test.models(`ocd_guess-${count}`);
      expect((await test.models()).status).toBe(429);
    });
  });
});
