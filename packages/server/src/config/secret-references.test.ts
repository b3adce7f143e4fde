import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import { createConfigView } from "./config-view.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { createLiveConfig } from "./live-config.ts";
import { loadConfig } from "./load.ts";
import type { GatewayConfig } from "./schema.ts";
import { createConfigWriter } from "./write.ts";

async function write(content: unknown) {
  const folder = await createTempFolder();
  const path = join(folder.path, "openclaw.json");
  await writeFile(path, JSON.stringify(content, undefined, 2));
  return { path, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
const env = (id: string) => ({ source: "env", provider: "default", id });

test("references are resolved where secrets belong, and shown as references", async () => {
  await using file = await write({
    gateway: { auth: { token: env("GATE") } },
    models: { providers: { x: { baseUrl: "http://h", apiKey: "$X_KEY", headers: { "X-Team": env("TEAM") } } } },
  });
  const loaded = await loadConfig(file.path, { GATE: "canary-1", X_KEY: "canary-2", TEAM: "canary-3" });
  expect(loaded.issues).toEqual([]);
  expect(loaded.warnings).toEqual([]);
  const { gateway, models } = loaded.config;
  expect(gateway?.auth?.token?.reveal()).toBe("canary-1");
  expect(models?.providers?.["x"]?.apiKey?.reveal()).toBe("canary-2");
  expect(models?.providers?.["x"]?.headers?.["X-Team"]?.reveal()).toBe("canary-3");
  const view = createConfigView(loaded);
  expect(view.config).toMatchObject({ gateway: { auth: { token: env("GATE") } } });
  expect(JSON.stringify([view, loaded.config])).not.toContain("canary");
});

test("what leads to nothing names the field, its line and the reference", async () => {
  await using file = await write({
    gateway: { auth: { token: env("MISSING"), password: { source: "env", id: "lower" } } },
  });
  const { valid, issues } = await loadConfig(file.path, {});
  expect(valid).toBe(false);
  expect(issues.map(({ path, line }) => [path, line])).toEqual([
    ["gateway.auth.password", 9],
    ["gateway.auth.token", 4],
  ]);
  expect(issues[1]?.message).toBe(
    "the reference env:default:MISSING leads to nothing: the environment variable is not set",
  );
});

test("fields that nobody reads are not resolved: those of clients, and what the environment stands for", async () => {
  await using file = await write({ gateway: { auth: { token: env("NONE") }, remote: { token: env("NONE") } } });
  const loaded = await loadConfig(file.path, { OPENCLAW_GATEWAY_TOKEN: "given" });
  expect(loaded.issues).toEqual([]);
  expect(loaded.config.gateway?.auth?.token?.reveal()).toBe("given");
});

test("a reference in a field that is shown to everybody is refused", async () => {
  await using file = await write({ agents: { list: [{ id: "a", name: env("GATE") }] } });
  const loaded = await loadConfig(file.path, { GATE: "canary" });
  expect(loaded.valid).toBe(false);
  expect(loaded.issues[0]?.path).toBe("agents.list[0].name");
});

test("a change whose reference leads to nothing leaves file and configuration as they are", async () => {
  await using file = await write({ gateway: { auth: { token: env("GATE") } } });
  const environment = { GATE: "first" };
  const applied: GatewayConfig[] = [];
  const live = createLiveConfig({
    loaded: await loadConfig(file.path, environment),
    read: () => loadConfig(file.path, environment),
    write: createConfigWriter({ path: file.path, environment }),
    prepare:
      async ({ config }) =>
      () =>
        void applied.push(config),
    onChange: () => {},
    onState: () => {},
    clock: systemClock,
    log: silentLog,
  });
  const before = await readFile(file.path, "utf8");
  await expect(
    live.update((content) => ({ ...content, gateway: { auth: { token: env("GONE") } } })),
  ).rejects.toMatchObject({
    message: "invalid config",
    wire: {
      details: { issues: [{ path: "gateway.auth.token", message: expect.stringContaining("env:default:GONE") }] },
    },
  });
  expect(await readFile(file.path, "utf8")).toBe(before);
  expect(applied).toEqual([]);
  expect(live.current().gateway?.auth?.token?.reveal()).toBe("first");
});

test("without references nothing is waited for but the file", async () => {
  await using file = await write({ secrets: { providers: { p: { source: "exec", command: "/does/not/exist" } } } });
  expect(await loadConfig(file.path, {})).toMatchObject({ valid: true, warnings: [] });
});
