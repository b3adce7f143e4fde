import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { describe, expect, test } from "vitest";
import { call, ConnectionError, isTransientFailure } from "./index.ts";
import { createScriptedServer, rejectionOf, type ScriptedConnection } from "./testing/index.ts";

/** For the tests in which nothing happens; the others may take as long as the machine needs. */
const impatient = { connectTimeoutMs: 300, challengeTimeoutMs: 300, requestTimeoutMs: 300 };

async function listening(server: Server): Promise<{ url: string } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** No gateway: an HTTP server that knows no upgrade. */
const answering = (listener: RequestListener) => listening(createServer(listener));

describe("whatever happens on the way is a ConnectionError", () => {
  test.each([
    [502, true],
    [503, true],
    [504, true],
    [401, false],
    [404, false],
    [200, false],
  ])("HTTP %i in place of an upgrade", async (status, isTransient) => {
    await using server = await answering((_, response) => response.writeHead(status).end());
    const error = await rejectionOf(call({ url: server.url }, "health"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(isTransientFailure(error)).toBe(isTransient);
  });

  test("a server that speaks something else", async () => {
    await using server = await listening(
      createTcpServer((socket) =>
        socket
          .on("error", () => {})
          .resume()
          .end("220 smtp ready\r\n"),
      ),
    );
    expect(await rejectionOf(call({ url: server.url }, "health"))).toBeInstanceOf(ConnectionError);
  });

  test.each<[string, (gateway: ScriptedConnection) => unknown, boolean]>([
    ["a dropped link", (gateway) => gateway.terminate(), true],
    ["a restart", (gateway) => gateway.close(1012, "service restart"), true],
    ["a dropped link after hello-ok", (gateway) => gateway.welcome().then(() => gateway.terminate()), true],
    ["a close that judges", (gateway) => gateway.close(1008, "unauthorized: gateway token mismatch"), false],
  ])("%s", async (_, misbehave, isTransient) => {
    await using server = await createScriptedServer();
    const failed = rejectionOf(call({ url: server.url }, "health"));
    await misbehave(await server.accept());
    const error = await failed;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(isTransientFailure(error)).toBe(isTransient);
  });

  test.each<[string, (gateway: ScriptedConnection) => unknown]>([
    ["no challenge", () => {}],
    ["no JSON", (gateway) => gateway.sendText("{")],
    ["no answer to connect", (gateway) => gateway.event("connect.challenge", { nonce: "n", ts: 1 })],
  ])("%s", async (_, misbehave) => {
    await using server = await createScriptedServer();
    const failed = rejectionOf(call({ url: server.url, ...impatient }, "health"));
    await misbehave(await server.accept());
    const error = await failed;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(isTransientFailure(error)).toBe(true);
  });
});

test("a token may stand in the address and in connect", async () => {
  await using server = await createScriptedServer();
  const answer = call({ url: `${server.url}/?token=abc`, token: "abc" }, "health");
  const gateway = await server.accept();
  expect(gateway.path).toBe("/?token=abc");
  expect((await gateway.welcome()).params).toMatchObject({ auth: { token: "abc" } });
  gateway.respond(await gateway.receive("health"), { ok: true, ts: 1 });
  expect(await answer).toMatchObject({ ok: true });
});
