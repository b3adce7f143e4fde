import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultSettings } from "../settings.ts";
import { ConfigError, loadConfig } from "./load.ts";
import { type SettingsOverrides, settingsFromConfig } from "./settings-from-config.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "settings-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function settings(gateway: object, environment: Record<string, string> = {}, overrides: SettingsOverrides = {}) {
  const path = join(dir, "openclaw.json");
  await writeFile(path, JSON.stringify({ gateway }));
  return settingsFromConfig(await loadConfig(path, environment), overrides);
}

test("flags win over environment over file over default", async () => {
  const environment = { OPENCLAW_GATEWAY_PORT: "2" };
  expect((await settings({})).port).toBe(defaultSettings.port);
  expect((await settings({ port: 1 })).port).toBe(1);
  expect((await settings({ port: 1 }, environment)).port).toBe(2);
  expect((await settings({ port: 1 }, environment, { port: 3 })).port).toBe(3);
  expect((await settings({ bind: "lan" }, { OPENCLAW_GATEWAY_BIND: "loopback" })).host).toBe("127.0.0.1");
  expect((await settings({ bind: "lan" }, {}, { host: "::1" })).host).toBe("::1");
});

describe("gateway.bind", () => {
  test.each([
    [{}, "127.0.0.1"],
    [{ bind: "loopback" }, "127.0.0.1"],
    [{ bind: "lan" }, "0.0.0.0"],
    [{ bind: "192.168.7.8" }, "192.168.7.8"],
    [{ bind: "[::1]" }, "::1"],
    [{ bind: "custom", customBindHost: "10.0.0.1" }, "10.0.0.1"],
  ])("%j listens on %s", async (gateway, host) => {
    expect((await settings(gateway)).host).toBe(host);
  });

  test("custom without an address names the field", async () => {
    await expect(settings({ bind: "custom" })).rejects.toThrow(ConfigError);
    await expect(settings({ bind: "custom" })).rejects.toThrow(/gateway\.customBindHost: is missing/);
  });
});

test.each([
  [undefined, ""],
  ["", ""],
  ["/", ""],
  ["openclaw", "/openclaw"],
  ["/a/b/", "/a/b"],
])("gateway.controlUi.basePath %j is the place %j", async (basePath, place) => {
  expect((await settings({ controlUi: { basePath } })).controlUiBasePath).toBe(place);
});

test.each(["/../x", "/a?b", "/a b", "//evil.example/..", "/a#b", "/./", '/"><script>'])(
  "gateway.controlUi.basePath %j is no path",
  async (basePath) => {
    const path = join(dir, "base-path.json");
    await writeFile(path, JSON.stringify({ gateway: { controlUi: { basePath } } }));
    const { valid, issues } = await loadConfig(path, {});
    expect({ valid, at: issues.map((issue) => issue.path) }).toEqual({
      valid: false,
      at: ["gateway.controlUi.basePath"],
    });
  },
);

test("what the file says reaches the settings", async () => {
  expect(
    await settings({
      auth: { rateLimit: { maxAttempts: 3, windowMs: 4, lockoutMs: 5 } },
      controlUi: { enabled: false, allowedOrigins: ["https://x"], allowInsecureAuth: true },
      tickIntervalMs: 6,
      handshakeTimeoutMs: 7,
    }),
  ).toMatchObject({
    rateLimit: { maxFailures: 3, windowMs: 4, lockoutMs: 5 },
    controlUiEnabled: false,
    allowedOrigins: ["https://x"],
    allowInsecureControlUi: true,
    tickIntervalMs: 6,
    handshakeTimeoutMs: 7,
  });
});
