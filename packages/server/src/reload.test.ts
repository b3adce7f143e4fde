import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createGateway } from "./create-gateway.ts";
import { createRecordingLog } from "./testing/recording-log.ts";
import { answer, createScriptedRuntime } from "./testing/scripted-runtime.ts";
import { openSocket } from "./testing/socket-client.ts";
import { createTempFolder } from "./testing/test-databases.ts";

type Content = { gateway: Record<string, unknown> } & Record<string, unknown>;
const withToken = (token: string, over: Record<string, unknown> = {}): Content => ({
  gateway: { port: 0, auth: { token }, reload: { debounceMs: 10 }, ...over },
});

/** A gateway of an installation of its own, with its file and its log. */
async function install(content: Content, environment: Record<string, string> = {}) {
  const folder = await createTempFolder();
  const path = join(folder.path, "openclaw.json");
  const log = createRecordingLog();
  const write = async (next: unknown): Promise<void> => {
    const text = typeof next === "string" ? next : JSON.stringify(next, undefined, 2);
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  await write(content);
  const variables = { HOME: folder.path, OPENCLAW_STATE_DIR: folder.path, ...environment };
  const gateway = await createGateway({
    environment: variables,
    runtime: () => createScriptedRuntime(() => answer("hi")),
    log,
  });
  const { url } = await gateway.start();
  await gateway.ready();
  const join_ = async (token: string) => {
    const client = await openSocket(url);
    return { client, hello: await client.connect({ auth: { token } }) };
  };
  let next = 0;
  const ask = async (client: Awaited<ReturnType<typeof openSocket>>, method: string, params?: unknown) => {
    const id = `q${++next}`;
    client.send({ type: "req", id, method, params });
    return client.answer(id);
  };
  return {
    gateway,
    url,
    path,
    log,
    write,
    variables: variables as Record<string, string>,
    join: join_,
    ask,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
const ended = { code: 1008, reason: "gateway auth changed" };

test("T-C3: another token in the file ends whom the old one let in, and lets the new one in", async () => {
  await using test = await install(withToken("one"));
  const { client } = await test.join("one");
  await test.write(withToken("two"));
  expect(await client.closed()).toEqual(ended);
  expect((await test.join("one")).hello).toMatchObject({
    error: { details: { code: "AUTH_TOKEN_MISMATCH" } },
  });
  const { client: next, hello } = await test.join("two");
  expect(hello.ok).toBe(true);
  const rows = (await test.ask(next, "audit.list", { kind: "config" })).payload as { events: unknown[] };
  expect(rows.events).toMatchObject([
    { action: "config.changed", subject: "file", actor: { type: "system" }, detail: { keys: ["gateway.auth.token"] } },
  ]);
});

test("T-C3: a secret that a reference leads to ends whom the old one let in, when it is read again", async () => {
  const reference = { source: "env", provider: "default", id: "GATE" };
  await using test = await install({ gateway: { port: 0, auth: { token: reference } } }, { GATE: "one" });
  const { client } = await test.join("one");
  const { client: bystander } = await test.join("one");
  test.variables["GATE"] = "two";
  expect(await test.ask(client, "secrets.reload")).toMatchObject({
    ok: true,
    payload: { ok: true, warningCount: 0, changedPaths: ["gateway.auth.token"] },
  });
  expect(await client.closed()).toEqual(ended);
  expect(await bystander.closed()).toEqual(ended);
  expect((await test.join("two")).hello.ok).toBe(true);
});

test("a broken file changes nothing, is told with its place, and is forgotten when it is mended", async () => {
  await using test = await install(withToken("one"));
  const { client } = await test.join("one");
  const reloadOf = async () =>
    (await test.ask(client, "status")).payload as { configuration: { problems: string[]; mode: string } };
  await test.write('{ gateway: {\n  auth: { token: "two" },\n  port: "x" } }');
  await expect
    .poll(async () => (await reloadOf()).configuration.problems)
    .toEqual([expect.stringContaining(`${test.path}:3: gateway.port: `)]);
  expect(await test.ask(client, "config.get")).toMatchObject({
    payload: { valid: false, issues: [{ path: "gateway.port", line: 3 }] },
  });
  await test.write(withToken("one", { reload: { mode: "hot", debounceMs: 10 } }));
  await expect.poll(async () => (await reloadOf()).configuration).toMatchObject({ problems: [], mode: "hot" });
  await expect
    .poll(async () => (await test.ask(client, "health")).payload)
    .toMatchObject({ configReload: { hotReloadStatus: "active" }, configuration: { problems: [] } });
  expect(client.isOpen).toBe(true);
});

test("clients are told of every change once, whoever made it", async () => {
  await using test = await install(withToken("one"));
  const { client } = await test.join("one");
  await test.ask(client, "agents.create", { name: "Ada", workspace: join(test.path, "..", "ada") });
  const hashNow = async () => ((await test.ask(client, "config.get")).payload as { hash: string }).hash;
  const afterCall = await hashNow();
  expect((await client.event("config.changed")).payload).toMatchObject({ path: test.path, hash: afterCall });
  const content = JSON.parse(await readFile(test.path, "utf8")) as Content;
  await test.write({ ...content, session: { mainKey: "home" } });
  expect((await client.event("config.changed")).payload).not.toMatchObject({ hash: afterCall });
  expect(test.log.lines.filter((line) => line.includes("the configuration has changed"))).toHaveLength(2);
});

test.each([
  ["hot", { port: 1 }, false],
  ["hybrid", { port: 1 }, true],
  ["hybrid", { handshakeTimeoutMs: 4_321 }, false],
  ["restart", { handshakeTimeoutMs: 4_321 }, true],
])("mode %s: %j makes the gateway want a restart: %s", async (mode, change, isWanted) => {
  const reload = { mode, debounceMs: 10 };
  await using test = await install(withToken("one", { reload }));
  const { client } = await test.join("one");
  let wish: unknown;
  void test.gateway.restartWished.then((told) => (wish = told));
  await test.write(withToken("one", { reload, ...change }));
  await client.event("config.changed");
  const key = `gateway.${Object.keys(change)[0]}`;
  await expect.poll(() => wish).toEqual(isWanted ? { keys: [key] } : undefined);
  const { configuration } = (await test.ask(client, "status")).payload as { configuration: unknown };
  expect(configuration).toMatchObject({ restartRequired: "port" in change ? [key] : [] });
});
