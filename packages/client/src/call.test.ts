import { describe, expect, test } from "vitest";
import { call } from "./index.ts";
import { createScriptedServer, rejectionOf } from "./testing/index.ts";

describe("call", () => {
  test("connects, asks once and closes", async () => {
    await using server = await createScriptedServer();
    const answer = call({ url: server.url, token: "t" }, "sessions.list", { limit: 2 });
    const gateway = await server.accept();
    await gateway.welcome();
    gateway.respond(await gateway.receive("sessions.list"), { sessions: [] });
    expect(await answer).toEqual({ sessions: [] });
    expect(await gateway.closed).toMatchObject({ code: 1000 });
  });

  test("fails at once when nobody listens", async () => {
    await using server = await createScriptedServer();
    const { url } = server;
    await server.close();
    expect(await rejectionOf(call({ url }, "health"))).toMatchObject({
      name: "ConnectionError",
      reason: "closed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
