import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createGateway } from "../../create-gateway.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { openSocket } from "../../testing/socket-client.ts";
import { createTempFolder } from "../../testing/test-databases.ts";

const content = `{
  // whose gateway this is
  gateway: { port: 0, auth: { token: "one" }, reload: { mode: "off" } },
  ui: { seamColor: "#123456" },
  models: { providers: { stub: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "key-of-stub", models: [{ id: "a", maxTokens: 10 }] } } },
}
`;

async function open() {
  const folder = await createTempFolder();
  const path = join(folder.path, "openclaw.json");
  await writeFile(path, content, { mode: 0o600 });
  const gateway = await createGateway({
    environment: { HOME: folder.path, OPENCLAW_STATE_DIR: folder.path },
    runtime: () => createScriptedRuntime(() => answer("hi")),
    log: silentLog,
  });
  const { url } = await gateway.start();
  await gateway.ready();
  const client = await openSocket(url);
  await client.connect({ auth: { token: "one" } });
  let next = 0;
  const ask = async (method: string, params?: unknown) => {
    const id = `q${++next}`;
    client.send({ type: "req", id, method, params });
    return client.answer(id);
  };
  const seen = async () => (await ask("config.get")).payload as { hash: string; config: Record<string, unknown> };
  return {
    url,
    client,
    ask,
    seen,
    text: () => readFile(path, "utf8"),
    write: async (method: string, raw: unknown, over: Record<string, unknown> = {}) =>
      ask(method, { raw: JSON.stringify(raw), baseHash: (await seen()).hash, ...over }),
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await gateway.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("a patch merges, keeps comments, counts at once and says what it changed", async () => {
  await using test = await open();
  const answered = await test.write("config.patch", { logging: { level: "debug" }, ui: null, gateway: { port: 1 } });
  expect(answered).toMatchObject({
    ok: true,
    payload: {
      ok: true,
      config: { logging: { level: "debug" }, gateway: { auth: { token: "__OPENCLAW_REDACTED__" } } },
      changedPaths: ["gateway.port", "logging.level"],
      restartRequired: ["gateway.port"],
      restarts: false,
    },
  });
  const { hash } = await test.seen();
  expect(answered.payload).toMatchObject({ hash });
  expect(await test.text()).toContain("// whose gateway this is");
  expect(await test.text()).not.toContain("seamColor");
});

test("what config.get shows can be sent back", async () => {
  await using test = await open();
  const { config } = await test.seen();
  expect(await test.write("config.set", config)).toMatchObject({ ok: true, payload: { changedPaths: [] } });
  expect(await test.text()).toBe(content);
  const models = { providers: { stub: { models: [{ id: "a", maxTokens: 20 }] } } };
  const changed = await test.write("config.apply", { ...config, models: { ...models } }, { note: "no key" });
  expect(changed).toMatchObject({
    ok: true,
    payload: { changedPaths: expect.arrayContaining(["models.providers.stub.apiKey"]) },
  });
  expect(await test.text()).toContain('"one"');
});

test("T-C3: the token of the caller itself: the answer comes, then the end", async () => {
  await using test = await open();
  expect(await test.write("config.patch", { gateway: { auth: { token: "two" } } })).toMatchObject({
    ok: true,
    payload: { changedPaths: ["gateway.auth.token"], restartRequired: [] },
  });
  expect(await test.client.closed()).toEqual({ code: 1008, reason: "gateway auth changed" });
  using old = await openSocket(test.url);
  expect((await old.connect({ auth: { token: "one" } })).ok).toBe(false);
  using next = await openSocket(test.url);
  expect((await next.connect({ auth: { token: "two" } })).ok).toBe(true);
});

const stale = "config changed since last load; re-run config.get and retry";
test.each<[string, string, Record<string, unknown>, string]>([
  [
    "config.set",
    "without a hash",
    { raw: "{}", baseHash: undefined },
    "config base hash required; re-run config.get and retry",
  ],
  ["config.patch", "with an old hash", { raw: "{}", baseHash: "deadbeef" }, stale],
  ["config.set", "that is no JSON5", { raw: "{ not json" }, "SyntaxError: JSON5: invalid character 'j' at 1:7"],
  ["config.patch", "that is a list", { raw: "[]" }, "config.patch raw must be an object"],
  ["config.set", "that is a list", { raw: "[1]" }, "invalid config"],
  ["config.patch", "with a wrong type", { raw: '{"gateway":{"port":"x"}}' }, "invalid config"],
  [
    "config.patch",
    "that could not be started with",
    { raw: '{"gateway":{"auth":{"mode":"password"}}}' },
    "invalid config",
  ],
  [
    "config.patch",
    "with a mark for a secret that is none",
    { raw: '{"hooks":{"token":"__OPENCLAW_REDACTED__"}}' },
    "invalid config",
  ],
  [
    "config.set",
    "that takes most of it away",
    { raw: '{"gateway":{"port":0}}' },
    "more than half of the configuration",
  ],
])("%s %s changes nothing", async (method, _, params, message) => {
  await using test = await open();
  const { hash } = await test.seen();
  const refused = await test.ask(method, { baseHash: hash, ...params });
  expect(refused).toMatchObject({
    ok: false,
    error: { code: "INVALID_REQUEST", message: expect.stringContaining(message) },
  });
  expect(await test.text()).toBe(content);
  expect((await test.seen()).hash).toBe(hash);
});
