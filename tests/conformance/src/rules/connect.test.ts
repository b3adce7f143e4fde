import { describe, expect } from "vitest";
import { at, textAt } from "../json.ts";
import { call, connectParams, hello } from "../requests.ts";
import { onOneGateway, verifies } from "../verifies.ts";

onOneGateway();

describe("a connection begins", () => {
  verifies("R-CONN-1", async ({ open }) => {
    const client = await open();
    const first = await client.next();
    expect(first).toMatchObject({
      type: "event",
      event: "connect.challenge",
      payload: { nonce: expect.stringMatching(/./), ts: expect.any(Number) },
    });
    expect(first).not.toHaveProperty("seq");
  });

  verifies("R-CONN-2", async ({ open }) => {
    const client = await open();
    const refused = await call(client, "health");
    expect(refused["error"]).toMatchObject({
      code: "INVALID_REQUEST",
      message: "invalid handshake: first request must be connect",
    });
    expect(await client.closed()).toEqual({ code: 1008, reason: "invalid handshake: first request must be connect" });
  });

  verifies("R-CONN-3", async ({ open }) => {
    for (const frame of [null, [1], { type: "event", event: "x" }, { type: "req", id: "", method: "connect" }]) {
      const client = await open();
      client.send(frame);
      expect(await client.closed()).toEqual({ code: 1008, reason: "invalid request frame" });
      expect(client.received).toHaveLength(1);
    }
  });

  verifies("R-CONN-4", async ({ open }) => {
    for (const bytes of ["hello", "", new Uint8Array([0, 1, 255])]) {
      const client = await open();
      client.sendRaw(bytes);
      expect(await client.closed()).toEqual({ code: 1000, reason: "" });
      expect(client.received).toHaveLength(1);
    }
  });

  verifies("R-CONN-5", async ({ open, gateway }) => {
    for (const [minProtocol, maxProtocol] of [
      [2, 2],
      [5, 9],
      [4, 3],
    ]) {
      const client = await open();
      const refused = await call(client, "connect", connectParams(4, gateway, { minProtocol, maxProtocol }));
      expect(refused["error"]).toMatchObject({
        code: "INVALID_REQUEST",
        message: "protocol mismatch",
        details: {
          code: "PROTOCOL_MISMATCH",
          expectedProtocol: 4,
          clientMinProtocol: minProtocol,
          clientMaxProtocol: maxProtocol,
        },
      });
      expect(await client.closed()).toEqual({ code: 1002, reason: "protocol mismatch" });
    }
  });

  verifies("R-CONN-6", async ({ open, gateway, protocol }) => {
    const ranges = {
      4: ["3-4", "4-4", "4-9", "1-99"],
      3: ["3-3", "1-3"],
      1: ["1-1", "1-2"],
    };
    for (const range of ranges[protocol]) {
      const [minProtocol, maxProtocol] = range.split("-").map(Number);
      const welcome = await hello(await open(), connectParams(protocol, gateway, { minProtocol, maxProtocol }));
      expect(welcome).toMatchObject({ type: "hello-ok", protocol });
    }
  });

  verifies("R-CONN-7", async ({ join, gateway, protocol }) => {
    const client = await join();
    const second = await call(client, "connect", connectParams(protocol, gateway));
    expect(second["error"]).toMatchObject({
      code: "INVALID_REQUEST",
      message: "connect is only valid as the first request",
    });
    expect(await call(client, "agents.list")).toMatchObject({ ok: true });
  });

  verifies("R-CONN-8", async ({ open, gateway, protocol }) => {
    const params = connectParams(protocol, gateway, { modelCatalog: { agentId: "main" }, workerRuns: 1 });
    const client = { ...(params["client"] as object), timeZone: "UTC", future: true };
    await hello(await open(), { ...params, client, auth: { token: gateway.token, agentRuntimeIdentityToken: "x" } });
  });

  verifies("R-CONN-9", async ({ open, gateway, protocol }) => {
    const client = await open();
    const welcome = await hello(client, connectParams(protocol, gateway));
    const advertised = at(welcome, "features", "methods") as string[];
    expect(advertised).toContain("chat.send");
    expect(advertised).not.toContain("connect");
    expect(advertised).not.toContain("chat.inject");
    for (const method of advertised) {
      const message = textAt(await call(client, method, { "?": 1 }), "error", "message") ?? "";
      expect(message, method).not.toMatch(/unknown method/);
    }
  });

  verifies("R-CONN-10", async ({ open, gateway, protocol }) => {
    const client = await open();
    client.send({
      type: "req",
      id: "1",
      method: "connect",
      params: connectParams(protocol, gateway, { userAgent: "x".repeat(64 * 1024) }),
    });
    expect(await client.closed()).toEqual({ code: 1009, reason: "" });
  });
});

describe("who may come in, and do what", () => {
  verifies("R-AUTH-1", async ({ open, protocol }) => {
    const client = await open();
    const refused = await call(client, "connect", connectParams(protocol, { token: "not the token" }));
    expect(refused["error"]).toMatchObject({
      code: "INVALID_REQUEST",
      message: "unauthorized: gateway token mismatch (provide gateway auth token)",
    });
    expect(await client.closed()).toEqual({
      code: 1008,
      reason: "unauthorized: gateway token mismatch (provide gateway auth token)",
    });
  });

  verifies("R-AUTH-2", async ({ open, protocol }) => {
    const client = await open();
    const refused = await call(client, "connect", connectParams(protocol, {}));
    expect(refused["error"]).toMatchObject({ code: "NOT_PAIRED", message: "device identity required" });
    expect(await client.closed()).toEqual({ code: 1008, reason: "device identity required" });
  });

  verifies("R-AUTH-3", async ({ join, protocol }) => {
    const client = await join({ scopes: ["operator.read"] });
    expect(await call(client, "agents.list")).toMatchObject({ ok: true });
    for (const [method, scope] of [
      ["chat.send", "operator.write"],
      ["agents.create", "operator.admin"],
      ["no.such.method", "operator.admin"],
    ] as const) {
      const { error } = await call(client, method, {});
      expect(textAt(error, "message")).toBe(`missing scope: ${scope}`);
      expect(textAt(error, "code")).toBe(protocol === 4 ? "FORBIDDEN" : "INVALID_REQUEST");
    }
  });

  verifies("R-AUTH-4", async ({ join }) => {
    const client = await join({
      role: "node",
      scopes: [],
      client: { id: "node-host", version: "1", platform: "linux", mode: "node" },
    });
    for (const method of ["health", "chat.send", "config.get", "no.such.method"]) {
      const { error } = await call(client, method, {});
      expect(error).toMatchObject({ code: "INVALID_REQUEST", message: "unauthorized role: node" });
    }
  });
});
