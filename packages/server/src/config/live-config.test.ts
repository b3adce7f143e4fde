import { rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { createTempFolder } from "../testing/test-databases.ts";
import { type ConfigChange, createLiveConfig } from "./live-config.ts";
import { ConfigError, loadConfig } from "./load.ts";
import type { SecretMemory } from "./secret-references.ts";
import { createConfigWriter } from "./write.ts";

const first = { gateway: { auth: { token: "one" }, port: 1 }, agents: { list: [{ id: "main" }] } };

async function open(content: unknown = first, environment: Record<string, string> = {}) {
  const folder = await createTempFolder();
  const path = join(folder.path, "openclaw.json");
  const secrets: SecretMemory = new Map();
  const log = createRecordingLog();
  const changes: ConfigChange[] = [];
  let states = 0;
  const write = (text: unknown): Promise<void> =>
    writeFile(path, typeof text === "string" ? text : JSON.stringify(text, undefined, 2));
  await write(content);
  const read = () => loadConfig(path, environment, secrets);
  const live = createLiveConfig({
    loaded: await read(),
    read,
    write: createConfigWriter({ path, environment, secrets }),
    prepare: async (next) => {
      if (next.config.gateway?.auth?.mode === "password" && !next.config.gateway.auth.password)
        throw new ConfigError(next.path, [{ path: "gateway.auth.password", message: "is missing", line: 3 }]);
      return () => {};
    },
    onChange: (change) => void changes.push(change),
    onState: () => void states++,
    clock: createManualClock(),
    log,
  });
  const tokenNow = (): string | undefined => live.current().gateway?.auth?.token?.reveal();
  return {
    folder: folder.path,
    path,
    environment,
    live,
    log,
    changes,
    write,
    tokenNow,
    states: () => states,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("a file that somebody edited counts, once, and what needs a restart is named", async () => {
  await using test = await open();
  await test.write({ ...first, gateway: { auth: { token: "two" }, port: 2 } });
  await Promise.all([test.live.look(), test.live.look()]);
  expect(test.tokenNow()).toBe("two");
  expect(test.changes).toMatchObject([
    { source: "file", keys: ["gateway.port", "gateway.auth.token"], needRestart: ["gateway.port"], restarts: false },
  ]);
  expect(test.live.state()).toMatchObject({ needRestart: ["gateway.port"] });
  expect(test.log.lines.join("\n")).toMatch(/warn: these keys .* after a restart .*gateway\.port/);
  await test.write(first);
  await test.live.look();
  expect(test.live.state().needRestart).toEqual([]);
  expect(test.log.lines.join("\n")).not.toContain("two");
});

test("what the gateway wrote itself is not applied a second time", async () => {
  await using test = await open();
  const written = test.live.update((content) => ({ ...content, session: { mainKey: "home" } }));
  await Promise.all([written, test.live.look()]);
  await test.live.look();
  expect(test.changes).toMatchObject([{ source: "write", keys: ["session.mainKey"] }]);
});

test("what somebody else wrote before the gateway did is not lost", async () => {
  await using test = await open();
  await test.write({ ...first, gateway: { auth: { token: "two" } } });
  await test.live.update((content) => ({ ...content, session: { mainKey: "home" } }));
  expect(test.tokenNow()).toBe("two");
  expect(test.live.current().session?.mainKey).toBe("home");
});

test.each<[string, unknown, string]>([
  ["no JSON5", '{\n  gateway: {\n    port: "x', ":3: not valid JSON5"],
  ["a wrong type", { ...first, gateway: { port: "many" } }, ":3: gateway.port: "],
  ["nothing in it", "", ": is empty"],
  ["half of it", '{ "gateway": { "auth": { "tok', ":1: not valid JSON5"],
  ["a list", "[]", ": "],
  ["what cannot be run with", { gateway: { auth: { mode: "password" } } }, ":3: gateway.auth.password: is missing"],
])("a file with %s changes nothing and says where", async (_, content, place) => {
  await using test = await open();
  await test.write(content);
  await test.live.look();
  await test.live.look();
  expect(test.tokenNow()).toBe("one");
  expect(test.changes).toEqual([]);
  expect(test.live.state().problem?.path).toBe(test.path);
  expect(test.live.view().valid).toBe(false);
  const errors = test.log.lines.filter((line) => line.startsWith("error"));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(`openclaw.json${place}`);
  await test.write(first);
  await test.live.look();
  expect(test.live.state().problem).toBeUndefined();
  expect(test.live.view().valid).toBe(true);
  expect(test.changes).toEqual([]);
});

test("500 broken files change nothing", async () => {
  await using test = await open();
  const whole = JSON.stringify(first);
  const broken = fc.oneof(
    fc.integer({ min: 0, max: whole.length - 1 }).map((end) => whole.slice(0, end)),
    fc.string(),
    fc.json().filter((text) => !text.trim().startsWith("{")),
    fc.integer().map((port) => JSON.stringify({ gateway: { port: -1 - Math.abs(port) } })),
  );
  await fc.assert(
    fc.asyncProperty(broken, async (text) => {
      await test.write(text);
      await test.live.look();
      expect(test.tokenNow()).toBe("one");
      expect(test.changes).toEqual([]);
    }),
    { numRuns: casesOf(500) },
  );
});

test("a file that is gone changes nothing; put back, moved into place or linked to it counts", async () => {
  await using test = await open();
  await rm(test.path);
  await test.live.look();
  expect(test.live.state().problem?.issues[0]?.message).toContain("is gone");
  const other = join(test.folder, "next.json");
  await writeFile(other, JSON.stringify({ ...first, gateway: { auth: { token: "moved" } } }));
  await rename(other, test.path);
  await test.live.look();
  expect(test.tokenNow()).toBe("moved");
  await rm(test.path);
  await writeFile(other, JSON.stringify({ ...first, gateway: { auth: { token: "linked" } } }));
  await symlink(other, test.path);
  await test.live.look();
  expect(test.tokenNow()).toBe("linked");
  expect(test.live.state().problem).toBeUndefined();
});

test("a write that could not be run with changes neither file nor gateway", async () => {
  await using test = await open();
  const { hash } = test.live.view();
  const asked = test.live.update((content) => ({ ...content, gateway: { auth: { mode: "password" } } }));
  await expect(asked).rejects.toMatchObject({
    message: "invalid config",
    wire: { details: { issues: [{ path: "gateway.auth.password", message: "is missing" }] } },
  });
  await test.live.look();
  expect(test.live.view().hash).toBe(hash);
  expect(test.changes).toEqual([]);
});

const env = (id: string) => ({ source: "env", provider: "default", id });
const twoSecrets = { gateway: { auth: { token: env("GATE"), password: env("PASS") } } };

test("secrets behind references are read again when somebody asks, and a failing one keeps its value", async () => {
  await using test = await open(twoSecrets, { GATE: "one", PASS: "first" });
  expect(await test.live.reloadSecrets()).toEqual({ changed: [], stale: [] });
  test.environment["GATE"] = "two";
  delete test.environment["PASS"];
  expect(await test.live.reloadSecrets()).toMatchObject({
    changed: ["gateway.auth.token"],
    stale: [{ path: "gateway.auth.password", line: expect.any(Number), message: expect.stringContaining("PASS") }],
  });
  expect(test.tokenNow()).toBe("two");
  expect(test.live.current().gateway?.auth?.password?.reveal()).toBe("first");
  expect(test.live.state().staleSecrets).toMatchObject([{ path: "gateway.auth.password" }]);
  expect(test.changes).toMatchObject([{ source: "secrets", keys: ["gateway.auth.token"] }]);
  test.environment["PASS"] = "back";
  expect((await test.live.reloadSecrets()).stale).toEqual([]);
  expect(test.log.lines.join("\n")).not.toMatch(/"(one|two|first|back)"/);
});

test("a reference that never led to anything has no last good value", async () => {
  await using test = await open(twoSecrets, { GATE: "one", PASS: "first" });
  await test.write({ gateway: { auth: { token: env("OTHER"), password: env("PASS") } } });
  await expect(test.live.reloadSecrets()).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(/openclaw\.json:\d+: gateway\.auth\.token: .*env:default:OTHER/),
  });
  expect(test.tokenNow()).toBe("one");
});
