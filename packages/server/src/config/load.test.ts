import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConfigView } from "./config-view.ts";
import { ConfigError, formatIssue, loadConfig } from "./load.ts";
import type { Environment } from "./paths.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "config-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function load(text: string, environment: Environment = {}) {
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
    const loaded = await load(
      `{\n  // the port\n  gateway: { port: 19000, auth: { mode: 'token', token: 'abc', }, },\n}`,
    );
    expect(loaded.valid).toBe(true);
    expect(loaded.config.gateway?.port).toBe(19_000);
    expect(loaded.config.gateway?.auth?.token?.reveal()).toBe("abc");
    expect(JSON.stringify(loaded.config)).not.toContain("abc");
    expect(loaded.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("unknown keys are kept and reported with their line", async () => {
    const loaded = await load(
      `{\n  gateway: {\n    port: 1,\n    futureKey: true,\n  },\n  channels: { telegram: {} },\n  agents: { list: [ { id: "a", odd: 1 } ] },\n}`,
    );
    expect(loaded.valid).toBe(true);
    expect(loaded.warnings.map(({ path, line }) => [path, line])).toEqual([
      ["gateway.futureKey", 4],
      ["channels", 6],
      ["agents.list[0].odd", 7],
    ]);
    expect(loaded.parsed).toMatchObject({ channels: { telegram: {} } });
  });

  test("what the agent runtime reads arrives there", async () => {
    const loaded = await load(`{
      $schema: "x", meta: { lastTouchedAt: "now" },
      tools: { profile: "coding", deny: ["exec"] },
      models: { providers: { x: { headers: { "X-Key": "h-1" } } } },
      agents: {
        defaults: { model: { fallbacks: ["p/m"] }, models: { "p/m": { alias: "m" } }, timeoutSeconds: 0 },
        list: [{ id: "a", tools: { profile: "minimal", allow: ["read"] } }],
      },
    }`);
    expect(loaded.issues).toEqual([]);
    expect(loaded.warnings).toEqual([]);
    expect(loaded.config).toMatchObject({
      tools: { profile: "coding", deny: ["exec"] },
      agents: {
        defaults: { model: { fallbacks: ["p/m"] }, models: { "p/m": { alias: "m" } }, timeoutSeconds: 0 },
        list: [{ tools: { profile: "minimal", allow: ["read"] } }],
      },
    });
    expect(loaded.config.models?.providers?.["x"]?.headers?.["X-Key"]?.reveal()).toBe("h-1");
    expect(inspect(loaded.config, { depth: 20 })).not.toContain("h-1");
  });

  test("a byte order mark, tabs and Windows line ends", async () => {
    const loaded = await load("\uFEFF{\r\n\tgateway: {\r\n\t\tport: 7,\r\n\t\todd: 1 } }");
    expect(loaded.config.gateway?.port).toBe(7);
    expect(loaded.warnings).toEqual([{ path: "gateway.odd", line: 4, message: expect.any(String) }]);
  });

  test("empty secrets are none", async () => {
    const loaded = await load(`{ gateway: { auth: { token: "", password: "  " } } }`, { OPENCLAW_GATEWAY_TOKEN: " " });
    expect(loaded.valid).toBe(true);
    expect(loaded.config.gateway?.auth?.token).toBeUndefined();
    expect(loaded.config.gateway?.auth?.password).toBeUndefined();
  });

  test("small letters in braces belong to some template", async () => {
    const loaded = await load(`{ hooks: { template: "\${name} \${constructor}" } }`, process.env);
    expect(loaded.issues).toEqual([]);
  });

  test("environment values are filled in, and win where they override", async () => {
    const loaded = await load(
      '{ models: { providers: { x: { apiKey: "${KEY}", baseUrl: "$${KEPT}" } } }, gateway: { port: 1 } }',
      {
        KEY: "k-1",
        OPENCLAW_GATEWAY_PORT: "2",
        OPENCLAW_GATEWAY_TOKEN: "t",
        OPENCLAW_LOG_LEVEL: "debug",
      },
    );
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
    [
      "a key with dots",
      `{ models: { providers: {\n "my.provider": {\n api: 5 } } } }`,
      /:3: models\.providers\.my\.provider\.api/,
    ],
    ["the later of two equal keys", `{ gateway: { port: 1 },\n gateway: {\n port: "x" } }`, /:3: gateway\.port/],
    [
      "braces in strings and comments",
      `{ // } {\n a: "}{", /* [\n{ */ gateway: { port:\n "x" } }`,
      /:3: gateway\.port/,
    ],
    [
      "a model chain",
      `{ agents: { defaults: {\n model: 5 } } }`,
      /:2: agents\.defaults\.model: expected "provider\/model"/,
    ],
    [
      "a redacted copy saved as the file",
      `{ gateway: { auth: {\n token: "__OPENCLAW_REDACTED__" } } }`,
      /:2: gateway\.auth\.token: holds __OPENCLAW_REDACTED__/,
    ],
    [
      "one in a part that is not read",
      `{ channels: [ {\n botToken: "__OPENCLAW_REDACTED__" } ] }`,
      /:2: channels\[0\]\.botToken/,
    ],
    ["nested without end", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, /nested deeper than 64 levels/],
    ["null", "null", /expected object/],
    ["a number that is none", "{ gateway: { port: NaN } }", /gateway\.port/],
    [
      "a variable that is not set",
      `{\n models: { providers: { x: {\n apiKey: "\${NOPE}" } } } }`,
      /:3: models\.providers\.x\.apiKey: environment variable NOPE is not set/,
    ],
  ])("%s", async (_name, text, expected) => {
    const loaded = await load(text);
    expect(loaded.valid).toBe(false);
    expect(loaded.issues.map((issue) => formatIssue(loaded.path, issue)).join("\n")).toMatch(expected);
  });

  test.each([
    ["OPENCLAW_GATEWAY_PORT", "eighty"],
    ["OPENCLAW_GATEWAY_PORT", "0x50"],
    ["OPENCLAW_GATEWAY_PORT", "-1"],
    ["OPENCLAW_GATEWAY_PORT", "65536"],
    ["OPENCLAW_GATEWAY_PORT", "1e3"],
    ["OPENCLAW_GATEWAY_AUTH", "magic"],
    ["OPENCLAW_LOG_LEVEL", "loud"],
  ])("an override of %s by %j names the variable", async (name, value) => {
    const loaded = await load("{}", { [name]: value });
    expect(loaded.issues).toMatchObject([{ path: name }]);
  });

  test("blank overrides are none", async () => {
    const names = ["PORT", "BIND", "AUTH", "TOKEN", "PASSWORD"].map((name) => `OPENCLAW_GATEWAY_${name}`);
    const loaded = await load(
      "{ gateway: { port: 5 } }",
      Object.fromEntries([...names, "OPENCLAW_LOG_LEVEL"].map((name) => [name, " "])),
    );
    expect(loaded).toMatchObject({ valid: true, config: { gateway: { port: 5 } } });
    expect(loaded.config.gateway?.auth).toBeUndefined();
  });

  test("bytes that are no text", async () => {
    await writeFile(join(dir, "bytes.json"), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    const loaded = await loadConfig(join(dir, "bytes.json"), {});
    expect(loaded).toMatchObject({
      valid: false,
      exists: true,
      issues: [{ message: expect.stringContaining("UTF-8") }],
    });
    expect(loaded.hash).toBe(
      createHash("sha256")
        .update(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
        .digest("hex"),
    );
  });

  test.each([
    ["a folder", () => dir, "is a folder"],
    ["a device", () => "/dev/zero", "is not a regular file"],
  ])("%s is refused", async (_name, path, message) => {
    await expect(loadConfig(path(), {})).rejects.toThrow(ConfigError);
    await expect(loadConfig(path(), {})).rejects.toThrow(message);
  });

  test("issues name places, never values", async () => {
    const loaded = await load(
      `{ gateway: { auth: { mode: "canary-1", token: ["canary-2"] }, port: "canary-3" }, models: { providers: "canary-4" }, logging: { level: "canary-5" } }`,
    );
    expect(loaded.issues.length).toBeGreaterThan(4);
    expect(JSON.stringify([loaded.issues, loaded.warnings])).not.toContain("canary");
  });

  test("five hundred damaged files load or are reported, with a line where one can be", async () => {
    const good = `{\n  // c\n  gateway: { port: 19000, bind: "loopback", auth: { mode: "token", token: "t" }, controlUi: { enabled: true } },\n  agents: { list: [{ id: 'a', model: "p/m" }] },\n  models: { providers: { "p": { baseUrl: "http://x/v1", models: [{ id: "m", cost: { input: 1 } }] } } },\n}`;
    const damage = fc.oneof(
      fc.record({ at: fc.nat(good.length), remove: fc.nat(40), insert: fc.string({ unit: "grapheme", maxLength: 6 }) }),
      fc.record({
        at: fc.nat(good.length),
        remove: fc.nat(3),
        insert: fc.constantFrom(
          "{",
          "}",
          "[",
          "]",
          '"',
          "'",
          ",",
          ":",
          "null",
          "1e999",
          "/*",
          "//",
          "\\",
          "__proto__: {},",
          "\0",
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const text = damages.reduce(
          (now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove),
          good,
        );
        const loaded = await load(text);
        expect(loaded.valid).toBe(loaded.issues.length === 0);
        const last = text.split(/\r\n|[\n\r\u2028\u2029]/).length;
        const lines = [...loaded.issues, ...loaded.warnings].flatMap(({ line }) => line ?? []);
        expect(lines.every((line) => line >= 1 && line <= last)).toBe(true);
        createConfigView(loaded);
      }),
      { numRuns: casesOf(500) },
    );
  });

  test("no prefix of a real file does anything but load or be reported", async () => {
    const text = `{\n  // c\n  gateway: { port: 19000, auth: { token: "t" } },\n  agents: { list: [{ id: 'a', model: "p/m" }] }\n}`;
    for (let length = 0; length <= text.length; length += 3) {
      const loaded = await load(text.slice(0, length));
      expect(loaded.valid || loaded.issues.length > 0).toBe(true);
    }
  });
});
