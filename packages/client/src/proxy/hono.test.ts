import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, upgradeWebSocket } from "@hono/node-server";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createScriptedServer } from "../testing/index.ts";
import { createHonoGatewayProxy } from "./hono.ts";

test("a route of a Hono app, behind its middleware", async () => {
  await using gateway = await createScriptedServer();
  const proxy = createHonoGatewayProxy({
    upgradeWebSocket,
    gateway: { url: gateway.url, token: "secret" },
    authorize: ({ headers }) => headers.get("cookie") !== "user=banned",
  });
  const app = new Hono();
  app.use("/api/*", async (context, next) => {
    if (context.req.header("cookie") === undefined) return context.text("sign in first", 401);
    await next();
    return undefined;
  });
  app.get("/api/gateway/ws", proxy.handler);
  const server = createAdaptorServer({
    fetch: app.fetch,
    // @ts-expect-error Its types are exact about an option of `ws` that may be undefined in those of `ws`.
    websocket: { server: new WebSocketServer({ noServer: true }) },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dial = (headers: Record<string, string>): WebSocket =>
    new WebSocket(`${origin.replace("http", "ws")}/api/gateway/ws`, { headers });
  const statusOf = async (headers: Record<string, string>): Promise<number> => {
    const [, response] = await once(dial(headers), "unexpected-response");
    return response.statusCode;
  };

  expect((await fetch(`${origin}/api/gateway/ws`, { headers: { cookie: "user=alice" } })).status).toBe(426);
  expect(await statusOf({ origin })).toBe(401);
  expect(await statusOf({ origin, cookie: "user=banned" })).toBe(403);
  expect(await statusOf({ origin: "https://evil.example.com", cookie: "user=alice" })).toBe(403);

  const page = dial({ origin, cookie: "user=alice" });
  const [upstream] = await Promise.all([gateway.accept(), once(page, "open")]);
  page.send('{"type":"req","id":"1","method":"connect","params":{}}');
  expect((await upstream.receive("connect")).params).toMatchObject({ auth: { token: "secret" } });
  const closed = once(page, "close");
  await proxy.close();
  expect((await closed).map(String)).toEqual(["1012", "service restart"]);
  expect(await upstream.closed).toEqual({ code: 1001, reason: "proxy stopping" });
  server.close();
});
