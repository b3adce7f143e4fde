import { createAdaptorServer } from "@hono/node-server";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { GatewayError, scopes } from "@openclaw-gateway/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { createLiveAccess } from "../../auth/grant.ts";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { toPeer } from "../peer.ts";
import { ApiError } from "./api-error.ts";
import { createApi } from "./api.ts";
import type { ApiCall, ApiRoute } from "./route.ts";
import { streamEvents } from "./sse.ts";

let close = async (): Promise<void> => {};
afterEach(() => close());

const echo: ApiRoute = {
  method: "POST",
  path: "/v1/echo",
  isOffered: () => true,
  needs: "chat.send",
  maxBodyBytes: () => 1_000,
  answer: async ({ body }) => Response.json({ body }),
};
const answering = (answer: (call: ApiCall) => Promise<Response>): ApiRoute => ({ ...echo, answer });

/** A server of its own around one route; the bearer `secret` may do everything, `reader` may read. */
async function serve(route: ApiRoute, allowedOrigins: readonly string[] = []) {
  const seen: string[] = [];
  const api = createApi({
    routes: [route],
    callerOf: async (authorization, _peer, asked) => {
      seen.push(authorization ?? "");
      if (authorization !== undefined && !/^Bearer (secret|reader)$/.test(authorization))
        throw new GatewayError("INVALID_REQUEST", "no", { details: { code: "AUTH_TOKEN_MISMATCH", hint: "look" } });
      return {
        id: "shared:http",
        role: "operator",
        scopes: authorization === "Bearer reader" ? ["operator.read"] : (asked?.split(",") ?? scopes),
        displayName: "http",
        causedByAgent: false,
      };
    },
    liveAccess: createLiveAccess(),
    peerOf: (request) => toPeer(request, []),
    call: () => Promise.reject(new Error("not called")),
    config: () => ({}),
    allowedOrigins: () => allowedOrigins,
    clock: systemClock,
    log: silentLog,
  });
  const server = createAdaptorServer({
    fetch: async (request, env) => (await api(request, env as never)) ?? new Response("not ours", { status: 404 }),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  close = async () => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  };
  const url = `http://127.0.0.1:${port}/v1/echo`;
  const post = ({ body = "{}", headers = {} }: { body?: string; headers?: Record<string, string> } = {}) =>
    fetch(url, { method: "POST", body, headers: { authorization: "Bearer secret", ...headers } });
  return { port, url, post, seen };
}

describe("every route", () => {
  test("answers other methods before it looks at a credential", async () => {
    const { url, seen } = await serve(echo);
    const response = await fetch(url);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await response.text()).toBe("Method Not Allowed");
    expect(seen).toEqual([]);
  });

  test("is none of ours while the configuration does not offer it", async () => {
    const { post } = await serve({ ...echo, isOffered: () => false });
    expect(await (await post()).text()).toBe("not ours");
  });

  test("refuses a wrong bearer with the recorded words, and what to do", async () => {
    const { post } = await serve(echo);
    const response = await post({ headers: { authorization: "Bearer guess" } });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: { message: "Unauthorized", type: "unauthorized", code: "AUTH_TOKEN_MISMATCH", hint: "look" },
    });
  });

  test("refuses who may not call its method before the body is read", async () => {
    const { post } = await serve(echo);
    const response = await post({ headers: { authorization: "Bearer reader" }, body: "{ not json" });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: { message: "missing scope: operator.write", type: "permission_error", code: "MISSING_SCOPE" },
    });
  });

  test("names the request", async () => {
    const { post } = await serve(echo);
    expect((await post()).headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
    expect((await post({ headers: { "x-request-id": "mine-1" } })).headers.get("x-request-id")).toBe("mine-1");
    expect((await post({ headers: { "x-request-id": "a b" } })).headers.get("x-request-id")).toMatch(/^req_/);
    expect((await post({ body: "{" })).headers.get("x-request-id")).toMatch(/^req_/);
  });

  test.each([
    [new ApiError(429, "slow down", { type: "rate_limit_error", retryAfterMs: 1_500 }), 429, "2"],
    [
      new GatewayError("UNAVAILABLE", "too much to do", { retryable: true, retryAfterMs: 1_000, details: {} }),
      503,
      "1",
    ],
    [new GatewayError("INVALID_REQUEST", "no such thing", { details: { field: "model" } }), 400, null],
    [new GatewayError("AGENT_TIMEOUT", "too long"), 504, null],
    [new Error("secret details"), 500, null],
  ])("tells %s in OpenAI's form", async (error, status, retryAfter) => {
    const { post } = await serve(answering(() => Promise.reject(error)));
    const response = await post();
    expect([response.status, response.headers.get("retry-after")]).toEqual([status, retryAfter]);
    const body = (await response.json()) as { error: { message: string; type: string } };
    expect(Object.keys(body.error).slice(0, 2)).toEqual(["message", "type"]);
    expect(JSON.stringify(body)).not.toContain("secret details");
  });
});

describe("T-A4: a page of another site", () => {
  const json = { "content-type": "application/json" };
  test.each<[string, Record<string, string>, number]>([
    ["with its origin", { origin: "http://evil.example", ...json }, 403],
    ["with an origin that leads here, DNS rebinding", { origin: "http://evil.example", host: "evil.example" }, 403],
    ["without an origin", { "sec-fetch-site": "cross-site", ...json }, 403],
    ["of the same domain", { "sec-fetch-site": "same-site", ...json }, 403],
    ["from a sandbox", { origin: "null", ...json }, 403],
    ["which is listed", { origin: "https://ui.example", "sec-fetch-site": "cross-site", ...json }, 200],
  ])("%s", async (_, headers, status) => {
    const { post, seen } = await serve(echo, ["https://ui.example"]);
    expect((await post({ headers })).status).toBe(status);
    expect(seen.length).toBe(status === 200 ? 1 : 0);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "gets nothing done by a %s form where no bearer is needed",
    async (contentType) => {
      const { port } = await serve(echo);
      expect(await plain(port, { "content-type": contentType })).toBe(415);
    },
  );

  test("and JSON without a bearer is the gateway's own to judge", async () => {
    const { port } = await serve(echo);
    expect(await plain(port, { "content-type": "application/json; charset=utf-8" })).toBe(200);
  });
});

/** A request without what `fetch` adds. */
function plain(port: number, headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = httpRequest({ port, host: "127.0.0.1", path: "/v1/echo", method: "POST", headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.on("error", reject);
  sent.end("{}");
  return promise;
}

describe("T-G2: a body", () => {
  test.each([
    ["", {}],
    ["  ", {}],
    ["[1]", [1]],
    ['{"a":"\\"]}[{"}', { a: '"]}[{' }],
  ])("%j is %j", async (body, expected) => {
    const { post } = await serve(echo);
    expect(await (await post({ body })).json()).toEqual({ body: expected });
  });

  test("that is no JSON is refused in the recorded words", async () => {
    const { post } = await serve(echo);
    const response = await post({ body: "{ not json" });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: {
        message: "SyntaxError: Expected property name or '}' in JSON at position 2 (line 1 column 3)",
        type: "invalid_request_error",
      },
    });
  });

  test.each([
    ["[".repeat(65), "too_deep"],
    [`{"a":`.repeat(65), "too_deep"],
    [JSON.stringify("x".repeat(2_000)), "request_too_large"],
  ])("%.20s… is refused", async (body, code) => {
    const { post } = await serve(echo);
    expect(await (await post({ body })).json()).toMatchObject({ error: { code } });
  });

  test("that is too long by its own account is refused before it comes", async () => {
    const { port } = await serve(echo);
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\nContent-Length: 1000000000\r\n\r\n",
    );
    expect(await untilFound(socket, "413 Payload Too Large")).toContain("request_too_large");
  });

  test("that does not say how long it is, is refused as soon as it is too long", async () => {
    const { port } = await serve(echo);
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    socket.write(`7d0\r\n${"x".repeat(2_000)}\r\n`);
    expect(await untilFound(socket, "413 Payload Too Large")).toContain("request_too_large");
  });
});

/** What came until there was all of this, and the body behind it. */
function untilFound(socket: Socket, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let all = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
    if (!all.includes(text) || !all.includes("}}")) return;
    socket.destroy();
    resolve(all);
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`closed after: ${all}`)));
  return promise;
}

describe("a stream", () => {
  test("sends events as they come and ends", async () => {
    const { post } = await serve(
      answering(async ({ clock }) =>
        streamEvents(clock, async ({ send }) => {
          await send({ data: "one" });
          await send({ event: "named", data: "two" });
        }),
      ),
    );
    const response = await post();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(await response.text()).toBe("data: one\n\nevent: named\ndata: two\n\n");
  });

  test("waits for a client that does not read, and hears that it has gone", async () => {
    const gone = Promise.withResolvers<number>();
    const stuck = Promise.withResolvers<void>();
    let sent = 0;
    const { port } = await serve(
      answering(async () =>
        streamEvents({ now: Date.now, at: () => () => {} }, async ({ send, signal }) => {
          signal.addEventListener("abort", () => gone.resolve(sent), { once: true });
          while (!signal.aborted && sent < 10_000) {
            const sending = send({ data: "x".repeat(64 * 1024) });
            const first = await Promise.race([sending.then(() => "read"), afterTurns(200).then(() => "waits")]);
            if (first === "waits") stuck.resolve();
            await sending;
            sent++;
          }
        }),
      ),
    );
    const socket = connect(port, "127.0.0.1");
    socket.pause();
    socket.write(
      "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\nContent-Length: 2\r\n\r\n{}",
    );
    await stuck.promise;
    socket.destroy();
    // Far less than everything: the rest was never made.
    expect(await gone.promise).toBeLessThan(10_000);
  });
});

async function afterTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => void setTimeout(resolve, 1));
}
