import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

let controlUiDir: string;
let gateway: Awaited<ReturnType<typeof startTestGateway>>;
beforeAll(async () => {
  controlUiDir = await mkdtemp(join(tmpdir(), "refused-"));
  await writeFile(join(controlUiDir, "index.html"), "<!doctype html><title>ui</title>");
  gateway = await startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    { controlUiDir, settings: { allowedOrigins: ["https://listed.example"] } },
  );
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(controlUiDir, { recursive: true, force: true });
});

const page = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

/** Asks as a browser does whose address bar says something else; `fetch` would not send such headers. */
function ask(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: gateway.port, host: "127.0.0.1", path, headers });
    asked.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("a dashboard that could not connect", () => {
  test("a person sees a page with the very setting, a program the same as JSON", async () => {
    const shown = await ask("/chat/main", { host: "gw.example:18789", accept: page });
    expect(shown.status).toBe(403);
    expect(shown.headers["content-type"]).toContain("text/html");
    expect(shown.body).toContain("gateway.controlUi.allowedOrigins");
    expect(shown.body).toContain("&quot;http://gw.example:18789&quot;");
    const told = await ask("/", { host: "gw.example:18789", accept: "application/json" });
    expect(told.status).toBe(403);
    expect(JSON.parse(told.body)).toMatchObject({
      error: {
        type: "origin_not_allowed",
        setting: { gateway: { controlUi: { allowedOrigins: ["http://gw.example:18789"] } } },
      },
    });
    // What else is listed is nobody's business.
    expect(shown.body + told.body).not.toContain("listed.example");
  });

  test("T-A7: its page forbids scripts and frames, and keeps what it is told as text", async () => {
    const origin = 'http://<img src=x onerror="alert(1)">';
    const { body, headers, status } = await ask("/", { origin, accept: page });
    expect(status).toBe(403);
    expect(body).not.toContain("<img");
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  test.each([
    ["by its own address", { host: "127.0.0.1:1" }],
    ["by a name without a domain", { host: "gateway:18789" }],
    ["over HTTPS, as the browser shows", { host: "gw.example", "sec-fetch-mode": "navigate" }],
    ["over HTTPS, as a proxy says", { host: "gw.example", "x-forwarded-proto": "https" }],
    ["from a listed origin", { host: "gw.example", origin: "https://listed.example" }],
    [
      "by a link of another site",
      { host: "127.0.0.1:1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    ],
  ])("it is there when opened %s", async (_, headers) => {
    expect(await ask("/", { ...headers, accept: page })).toMatchObject({ status: 200 });
  });

  test("health answers under every name", async () => {
    expect(await ask("/healthz", { host: "gw.example", accept: page })).toMatchObject({ status: 200 });
  });
});

describe("a page whose socket was refused asks why", () => {
  const entrance = async (origin: string, host: string): Promise<unknown> =>
    JSON.parse((await ask(`/control-ui-entrance.json?origin=${encodeURIComponent(origin)}`, { host })).body);

  test("behind a proxy that changes the host it is told what its origin is", async () => {
    expect(await entrance("https://gw.example", "127.0.0.1:18789")).toMatchObject({
      allowed: false,
      error: { setting: { gateway: { controlUi: { allowedOrigins: ["https://gw.example"] } } } },
    });
  });

  test("an allowed one is told so, and that somebody asks anew each time", async () => {
    expect(await entrance("https://listed.example", "gw.example")).toEqual({ allowed: true });
    expect(await entrance(`http://127.0.0.1:${gateway.port}`, `127.0.0.1:${gateway.port}`)).toEqual({ allowed: true });
    const { headers } = await ask("/control-ui-entrance.json?origin=null", {});
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("a request that nobody knows is still waiting", async () => {
    expect(JSON.parse((await ask("/control-ui-pairing.json?request=nobody", {})).body)).toEqual({ state: "waiting" });
    expect(JSON.parse((await ask("/control-ui-pairing.json", {})).body)).toEqual({ state: "waiting" });
  });
});
