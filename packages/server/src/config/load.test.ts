import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatIssue, loadConfig } from "./load.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "config-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function load(text: string, environment: Record<string, string> = {}) {
  const path = join(dir, "openclaw.json");
  await writeFile(path, text);
  return loadConfig(path, environment);
}

describe("a file that can be used", () => {
  test("none at all is empty", async () => {
    const loaded = await loadConfig(join(dir, "missing.json"), {});
    expect(loaded).toMatchObject({ exists: false, valid: true, config: {}, issues: [] });
  });

  test("JSON5 with comments, single quotes and trailing commas", async () => {
    const loaded = await load(`{\n  // the port\n  gateway: { port: 19000, auth: { mode: 'token', token: 'abc', }, },\n}`);
    expect(loaded.valid).toBe(true);
    expect(loaded.config.gateway?.port).toBe(19_000);
    expect(loaded.config.gateway?.auth?.token?.reveal()).toBe("abc");
    expect(JSON.stringify(loaded.config)).not.toContain("abc");
    expect(loaded.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("unknown keys are kept and reported with their line", async () => {
    const loaded = await load(`{\n  gateway: {\n    port: 1,\n    futureKey: true,\n  },\n  channels: { telegram: {} },\n  agents: { list: [ { id: "a", odd: 1 } ] },\n}`);
    expect(loaded.valid).toBe(true);
    expect(loaded.warnings.map(({ path, line }) => [path, line])).toEqual([["gateway.futureKey", 4], ["channels", 6], ["agents.list[0].odd", 7]]);
    expect(loaded.parsed).toMatchObject({ channels: { telegram: {} } });
  });

  test("environment values are filled in, and win where they override", async () => {
    const loaded = await load('{ models: { providers: { x: { apiKey: "${KEY}", baseUrl: "$${KEPT}" } } }, gateway: { port: 1 } }', {
      KEY: "k-1", OPENCLAW_GATEWAY_PORT: "2", OPENCLAW_GATEWAY_TOKEN: "t", OPENCLAW_LOG_LEVEL: "debug",
    });
    expect(loaded.issues).toEqual([]);
    expect(loaded.config.models?.providers?.["x"]?.apiKey?.reveal()).toBe("k-1");
    expect(loaded.config.models?.providers?.["x"]?.baseUrl).toBe("${KEPT}");
    expect(loaded.config.gateway?.port).toBe(2);
    expect(loaded.config.gateway?.auth?.token?.reveal()).toBe("t");
    expect(loaded.config.logging?.level).toBe("debug");
  });
});

describe("a file that cannot be used says where and why", () => {
  test.each<[string, string, RegExp]>([
    ["wrong type", `{\n  gateway: {\n    port: "many",\n  },\n}`, /openclaw\.json:3: gateway\.port: .*number/],
    ["out of range", `{ gateway: {\n port: 70000 } }`, /:2: gateway\.port/],
    ["an unknown auth mode", `{\n\n gateway: { auth: { mode: "magic" } } }`, /:3: gateway\.auth\.mode/],
    ["in a list", `{ agents: { list: [\n { id: "a" },\n { id: 7 },\n ] } }`, /:3: agents\.list\[1\]\.id/],
    ["no object", "[]", /expected object/],
    ["cut off", `{\n  gateway: {\n    port: 1`, /:3: not valid JSON5/],
    ["garbage", "hello", /not valid JSON5/],
    ["a variable that is not set", `{\n models: { providers: { x: {\n apiKey: "\${NOPE}" } } } }`, /:3: models\.providers\.x\.apiKey: environment variable NOPE is not set/],
  ])("%s", async (_name, text, expected) => {
    const loaded = await load(text);
    expect(loaded.valid).toBe(false);
    expect(loaded.issues.map((issue) => formatIssue(loaded.path, issue)).join("\n")).toMatch(expected);
  });

  test("a bad override names the variable", async () => {
    const loaded = await load("{}", { OPENCLAW_GATEWAY_PORT: "eighty" });
    expect(loaded.issues[0]).toMatchObject({ path: "OPENCLAW_GATEWAY_PORT" });
  });

  test("no prefix of a real file does anything but load or be reported", async () => {
    const text = `{\n  // c\n  gateway: { port: 19000, auth: { token: "t" } },\n  agents: { list: [{ id: 'a', model: "p/m" }] }\n}`;
    for (let length = 0; length <= text.length; length += 3) {
      const loaded = await load(text.slice(0, length));
      expect(loaded.valid || loaded.issues.length > 0).toBe(true);
    }
  });
});
