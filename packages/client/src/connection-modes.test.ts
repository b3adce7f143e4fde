import { afterEach, describe, expect, test, vi } from "vitest";
import { createMockGateway } from "./mock/index.ts";
import { GatewayClient, type GatewayConfig, type OpenSocket, openWsSocket } from "./index.ts";
import { createScriptedServer, rejectionOf } from "./testing/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** An address where nobody listens. */
async function findNobody(): Promise<string> {
  await using server = await createScriptedServer();
  return server.url;
}

/** A client, and every notice that it works with a mock. */
function createAuto(url: string, environment = { OPENCLAW_MODE: "auto" }, config: GatewayConfig = {}) {
  const warnings: unknown[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((...args) => void warnings.push(args));
  const client = new GatewayClient({ url, token: "secret", environment, ...config });
  const notices: { url: string; reason: Error }[] = [];
  client.on("mock", (notice) => notices.push(notice));
  return { client, warnings, notices, [Symbol.asyncDispose]: () => client.disconnect() };
}

describe("auto", () => {
  test("nobody answers: a mock, said by an event, a property and a warning", async () => {
    const url = await findNobody();
    await using one = createAuto(url);
    const { client, notices, warnings } = one;
    expect(client.mode).toBe("auto");
    expect(client.isMock).toBe(false);
    // Asked before anybody knows.
    const listing = client.sessionsList();
    expect(await client.connect()).toMatchObject({ server: { host: "mock" } });
    expect(await listing).toEqual([]);
    expect(client.isMock).toBe(true);
    expect(notices).toMatchObject([{ url: `${url}/`, reason: { message: expect.stringContaining("ECONNREFUSED") } }]);
    expect(warnings).toEqual([[expect.stringContaining("nothing is real"), { code: "OPENCLAW_MOCK" }]]);
  });

  test("the next time the gateway may be there; the mock keeps what it has", async () => {
    let target = await findNobody();
    // The way leads elsewhere later; the address stays.
    const openSocket: OpenSocket = (_url, listener, limits) => openWsSocket(target, listener, limits);
    await using one = createAuto("ws://127.0.0.1:1", { OPENCLAW_MODE: "auto" }, { openSocket });
    const { client, notices } = one;
    await client.sessionsSend("main", "first");
    await client.disconnect();
    await client.connect();
    expect([client.isMock, notices.length]).toEqual([true, 2]);
    expect(await client.sessionsHistory("main")).not.toEqual([]);
    await client.disconnect();
    await using server = await createScriptedServer();
    target = server.url;
    const connecting = client.connect();
    await (await server.accept()).welcome();
    await connecting;
    expect(client.isMock).toBe(false);
  });

  test("a gateway that answers is used", async () => {
    await using server = await createScriptedServer();
    await using one = createAuto(server.url);
    const { client, notices } = one;
    const connecting = client.connect();
    await (await server.accept()).welcome();
    await connecting;
    expect([client.isMock, notices]).toEqual([false, []]);
  });

  test("a gateway that refuses is a gateway: no mock", async () => {
    await using server = await createScriptedServer();
    await using one = createAuto(server.url);
    const { client, notices } = one;
    const failed = rejectionOf(client.connect());
    (await server.accept()).close(1008, "unauthorized: gateway token mismatch");
    expect(await failed).toMatchObject({ code: "AUTHENTICATION_ERROR" });
    expect([client.isMock, notices]).toEqual([false, []]);
  });

  test("whoever gives up meanwhile gets no mock", async () => {
    await using server = await createScriptedServer();
    await using one = createAuto(server.url);
    const { client, notices } = one;
    const failed = rejectionOf(client.connect());
    await server.accept();
    await client.disconnect();
    expect(await failed).toMatchObject({ message: "the client was closed" });
    expect([client.isMock, notices]).toEqual([false, []]);
  });
});

describe("mock", () => {
  test("is what the environment asks for; a gateway of the caller's is used", async () => {
    const url = await findNobody();
    await using one = createAuto(url, { OPENCLAW_MODE: "mock" });
    await one.client.connect();
    // Asked for: nothing to warn of.
    expect([one.client.isMock, one.notices, one.warnings]).toEqual([true, [], []]);
    const mock = createMockGateway({ agents: ["Scribe"] });
    const client = new GatewayClient({ url }, { mode: "mock", mock });
    expect((await client.api.agents.list()).agents).toHaveLength(2);
    await client.disconnect();
  });

  test("whoever disconnects before it is there has none", async () => {
    await using one = createAuto(await findNobody(), { OPENCLAW_MODE: "mock" });
    const failed = rejectionOf(one.client.connect());
    await one.client.disconnect();
    expect(await failed).toMatchObject({ message: "the client was closed" });
    expect(one.client.connected).toBe(false);
  });

  test("real never is one, whatever the environment says", async () => {
    const url = await findNobody();
    const client = new GatewayClient({ url, environment: { OPENCLAW_MODE: "mock" } }, { mode: "real" });
    expect(await rejectionOf(client.connect())).toMatchObject({ name: "ConnectionError" });
    expect(client.isMock).toBe(false);
  });
});
