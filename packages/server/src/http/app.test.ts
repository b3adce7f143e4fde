import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttp } from "./app.ts";

let dir: string;
const readiness = { ready: true, parts: { database: { state: "ready" } } };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "control-ui-"));
  await mkdir(join(dir, "ui/assets"), { recursive: true });
  await writeFile(
    join(dir, "ui/index.html"),
    '<!doctype html><title>ui</title><script src="./assets/app-1.js"></script>',
  );
  await writeFile(join(dir, "ui/assets/app-1.js"), "export {};");
  await writeFile(join(dir, "secret.txt"), "secret");
  await symlink(join(dir, "secret.txt"), join(dir, "ui/assets/link.txt"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const app = () => createHttp({ readiness: () => readiness, controlUiDir: join(dir, "ui") });

describe("the dashboard", () => {
  test.each(["/", "/index.html", "/chat/agent%3Amain%3Amain", "/settings/anything"])("%s is the page", async (path) => {
    const response = await app().request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(await response.text()).toContain("<title>ui</title>");
  });

  test("hashed assets are kept for long", async () => {
    const response = await app().request("/assets/app-1.js");
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(response.headers.get("cache-control")).toContain("immutable");
  });

  test.each([
    "/assets/nope.js",
    "/assets/../../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/link.txt",
    "/assets/app-1.js%00",
    "/assets//app-1.js",
    "/assets/APP-1.JS",
  ])("T-F1: %s reveals nothing", async (path) => {
    const response = await app().request(path);
    expect(await response.text()).not.toContain("secret\n");
    expect(await (await app().request(path)).text()).not.toBe("secret");
  });

  test("T-A7: every answer carries the security headers", async () => {
    for (const path of ["/", "/healthz", "/assets/app-1.js", "/assets/nope"]) {
      const { headers } = await app().request(path);
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("content-security-policy")).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      // No socket and no request to anywhere else either, should a script ever get in.
      expect(headers.get("content-security-policy")).toContain("connect-src 'self';");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    }
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("T-A4: nothing is changed by %s", async (method) => {
    for (const path of ["/", "/index.html", "/assets/app-1.js", "/anything"]) {
      const headers = { origin: "https://evil.example", "content-type": "text/plain" };
      expect((await app().request(path, { method, headers, body: "{}" })).status).toBe(405);
    }
  });
});

describe("the dashboard below a path", () => {
  const below = () => createHttp({ readiness: () => readiness, controlUiDir: join(dir, "ui"), basePath: "/claw/ui" });

  test.each(["/claw/ui/", "/claw/ui/index.html", "/claw/ui/chat/main"])(
    "%s is the page, with its place",
    async (path) => {
      const response = await below().request(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('src="/claw/ui/assets/app-1.js"');
      expect((await below().request("/claw/ui/assets/app-1.js")).headers.get("content-type")).toContain("javascript");
    },
  );

  test.each(["/", "/claw/ui"])("%s leads there", async (path) => {
    const response = await below().request(path);
    expect([response.status, response.headers.get("location")]).toEqual([302, "/claw/ui/"]);
  });

  test.each(["/chat/main", "/assets/app-1.js", "/claw/uix/", "/claw", "/claw/ui/assets/../../../secret.txt"])(
    "%s is nothing",
    async (path) => {
      expect((await below().request(path)).status).toBe(404);
    },
  );

  test("T-A7: its answers carry the security headers too, and health stays where it was", async () => {
    for (const path of ["/", "/claw/ui/", "/nothing", "/healthz"]) {
      const { headers } = await below().request(path);
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    }
    expect((await below().request("/healthz")).status).toBe(200);
  });
});

test("alive is not ready", async () => {
  const starting = createHttp({
    readiness: () => ({ ready: false, parts: { database: { state: "starting" } } }),
    controlUiDir: undefined,
  });
  expect(await (await starting.request("/healthz")).json()).toEqual({ ok: true, status: "live" });
  const ready = await starting.request("/readyz");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ ready: false, parts: { database: { state: "starting" } } });
});
