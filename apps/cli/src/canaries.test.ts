import { spawn } from "node:child_process";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNodeClient, openDeviceIdentity } from "@openclaw-gateway/client";
import { methods } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { type Finished, sourceEntry, watchProcess } from "./testing/cli-process.ts";

/** Every secret of this test looks like none, so that only knowing where it stands can keep it inside. */
const shape = /cnry[a-z]+\d+zq/g;
const planted: string[] = [];
function canary(where: string): string {
  const value = `cnry${where.replaceAll(/[^a-z]/g, "")}${planted.length + 10}zq`;
  planted.push(value);
  return value;
}

/** A provider that refuses and repeats what it was given, in the ways that real ones do. */
async function startEchoingProvider() {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const { authorization = "", "x-team": team = "" } = request.headers;
      const key = authorization.replace(/^Bearer /, "");
      response.writeHead(401, { "Content-Type": "application/json", "X-Echo": String(team) });
      response.end(
        JSON.stringify({
          error: { message: `Incorrect API key provided: ${key} (team ${String(team)}), header ${authorization}` },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function install(providerUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-canaries-"));
  const stateDir = join(folder, "state");
  const workspace = join(folder, "workspace");
  await mkdir(stateDir, { mode: 0o700 });
  await mkdir(workspace);
  // What lies in a workspace is the agent's; it must not change the gateway.
  await writeFile(
    join(workspace, ".env"),
    `OPENCLAW_GATEWAY_TOKEN=of-the-workspace\nOPENCLAW_GATEWAY_PORT=1\nFROM_ENV=of-the-workspace\nPATH=/nowhere\n`,
  );
  await writeFile(join(workspace, "openclaw.json"), `{ gateway: { auth: { mode: "none" } } }`);
  const secretsFile = join(folder, "secrets.json");
  await writeFile(secretsFile, JSON.stringify({ keys: { one: canary("file") } }), { mode: 0o600 });
  const resolver = join(folder, "resolver");
  const answer = JSON.stringify({ protocolVersion: 1, values: { one: canary("exec") } });
  await writeFile(
    resolver,
    `#!${process.execPath}\nconsole.log(${JSON.stringify(answer)}); console.error("${canary("stderr")}");`,
  );
  await chmod(resolver, 0o700);
  const crash = join(folder, "crash.mjs");
  await writeFile(
    crash,
    `process.once("SIGUSR2", () => { throw Object.assign(new Error("crashed on purpose with Authorization: Bearer ${canary("crashbearer")} at https://user:${canary("crashuser")}@h.example/?token=${canary("crashquery")}"), { apiKey: "${canary("crashkey")}", config: { gateway: { auth: { token: "${canary("crashconfig")}" } } } }); });`,
  );
  const token = canary("gatewaytoken");
  const model = { id: "m", name: "M", contextWindow: 8_000 };
  const provider = (apiKey: unknown, more: object = {}) => ({
    baseUrl: providerUrl,
    api: "openai-completions",
    apiKey,
    models: [model],
    ...more,
  });
  const config = {
    gateway: {
      mode: "local",
      auth: { mode: "token", token, password: canary("password") },
      remote: { url: "wss://far.example", token: canary("remotetoken"), password: canary("remotepassword") },
    },
    secrets: {
      providers: {
        files: { source: "file", path: secretsFile },
        commands: {
          source: "exec",
          command: resolver,
          args: ["--token", canary("args")],
          env: { KEY: canary("execenv") },
        },
      },
    },
    models: {
      providers: {
        echo: provider(canary("apikey"), { headers: { "X-Team": canary("header") } }),
        file: provider({ source: "file", provider: "files", id: "/keys/one" }),
        exec: provider({ source: "exec", provider: "commands", id: "one" }),
        env: provider({ source: "env", id: "FROM_ENV" }),
        down: provider(canary("downkey"), { baseUrl: `http://user:${canary("userinfo")}@127.0.0.1:1/v1` }),
      },
    },
    agents: { defaults: { model: "echo/m", workspace }, list: [{ id: "main", default: true }, { id: "work" }] },
    channels: {
      telegram: { botToken: canary("bottoken"), webhookSecret: canary("webhooksecret") },
      slack: { appToken: canary("apptoken"), signingSecret: canary("signingsecret") },
      discord: { accounts: { a: { token: canary("discord") } } },
      matrix: { accessToken: canary("matrix"), password: canary("matrixpassword") },
    },
    hooks: { token: canary("hooktoken"), mappings: [{ path: "x", secret: canary("hooksecret") }] },
    tools: { web: { search: { apiKey: canary("search") } } },
    plugins: { entries: { p: { config: { apiKey: canary("plugin"), credentials: { user: canary("credential") } } } } },
    skills: { entries: { s: { apiKey: canary("skill"), env: { ANYTHING: canary("skillenv") } } } },
    mcp: {
      servers: {
        one: { command: "x", env: { NAME: canary("mcpenv") }, args: ["--api-key", canary("mcparg")] },
        two: { url: `https://h.example/?token=${canary("mcpurl")}`, headers: { Anything: canary("mcpheader") } },
      },
    },
    env: { vars: { ANYTHING: canary("envvar") } },
    talk: { apiKey: canary("talk") },
    cron: { webhookToken: canary("cron") },
    browser: { cdpUrl: `wss://user:${canary("cdp")}@h.example/` },
  };
  const text = `// an old one: ${canary("comment")}\n${JSON.stringify(config, undefined, 2)}\n`;
  await writeFile(join(stateDir, "openclaw.json"), text, { mode: 0o600 });
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    OPENCLAW_STATE_DIR: stateDir,
    FROM_ENV: canary("fromenv"),
    ANTHROPIC_API_KEY: canary("anthropic"),
    AWS_SECRET_ACCESS_KEY: canary("aws"),
    RANDOM_PASSWORD: canary("random"),
  };
  const startWith = (more: Record<string, string>, args: readonly string[]) =>
    watchProcess(
      // Whatever the umask of whoever starts it.
      spawn("/bin/sh", ["-c", 'umask 000; exec "$0" "$@"', process.execPath, sourceEntry, ...args], {
        env: { ...environment, ...more },
        cwd: workspace,
      }),
    );
  return {
    folder,
    stateDir,
    token,
    start: (...args: string[]) => startWith({ NODE_OPTIONS: `--import ${crash}` }, args),
    run: (debug: "quiet" | "debugging", ...args: string[]): Promise<Finished> => {
      const started = startWith(debug === "debugging" ? { DEBUG: "openclaw" } : {}, args);
      started.endInput();
      return started.ended;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Every file and folder below, with its mode. */
async function walk(folder: string): Promise<{ path: string; mode: number; isFolder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path, mode: (await lstat(path)).mode & 0o777, isFolder: entry.isDirectory() };
    }),
  );
}

test("T-A5, T-F2, T-F3: of forty secrets none leaves by an answer, an event, a log, an error or a file, and every file is private", async () => {
  await using provider = await startEchoingProvider();
  await using installed = await install(provider.url);
  const { stateDir, token, start, run } = installed;
  const seen: [where: string, text: string][] = [];
  await using gateway = start("gateway", "run", "--port", "0", "--verbose");
  const [, port = ""] = await gateway.until(/Open http:\/\/127\.0\.0\.1:(\d+)\//);
  const url = `ws://127.0.0.1:${port}`;
  const origin = `http://127.0.0.1:${port}`;

  // Who is refused: wrong secrets in every place that takes one.
  const wrong = { token: canary("wrongtoken"), password: canary("wrongpassword"), deviceToken: canary("devicetoken") };
  for (const [name, value] of Object.entries(wrong)) {
    const client = createNodeClient({ url, [name]: value, reconnect: false });
    seen.push([`refusal of a ${name}`, await client.connect().then(String, String)]);
    await client.close();
  }
  const byUrl = createNodeClient({ url: `${url}/?token=${canary("urltoken")}`, reconnect: false });
  seen.push(["refusal of ?token=", await byUrl.connect().then(String, String)]);
  await byUrl.close();
  for (const path of [
    `/?token=${canary("httpquery")}`,
    "/healthz",
    "/readyz",
    "/v1/models",
    "/tools/invoke",
    "/hooks/x",
  ]) {
    const headers = { Authorization: `Bearer ${canary("bearer")}` };
    const answer = await fetch(`${origin}${path}`, { headers, redirect: "manual" });
    seen.push([`GET ${path}`, `${JSON.stringify([...answer.headers])} ${await answer.text()}`]);
  }

  // Who is let in: every method, with nothing, with nonsense, with secrets where none belong.
  const client = createNodeClient({ url, token, reconnect: false, caps: ["tool-events"], requestTimeoutMs: 5_000 });
  client.onEvent((frame) => seen.push([`event ${frame.event}`, JSON.stringify(frame)]));
  seen.push(["hello", JSON.stringify(await client.connect())]);
  // A device that is let in: its token is in its own `hello-ok` and nowhere else.
  const device = await openDeviceIdentity(join(installed.folder, "device.json"));
  const ofDevice = createNodeClient({ url, token, reconnect: false, signDevice: async (asked) => device.sign(asked) });
  const { auth } = await ofDevice.connect();
  const deviceToken = auth?.deviceToken ?? "";
  expect(deviceToken).not.toBe("");
  await ofDevice.close();
  const again = createNodeClient({
    url,
    deviceToken,
    reconnect: false,
    signDevice: async (asked) => device.sign(asked),
  });
  await again.connect();
  seen.push(["devices of a device", JSON.stringify(await again.request("device.pair.list"))]);
  await again.close();

  const ask = async (method: string, params?: unknown): Promise<void> => {
    const answer = await client.requestUntyped(method, params).then(
      (payload) => JSON.stringify(payload),
      (error: unknown) => `${String(error)} ${JSON.stringify(error)}`,
    );
    seen.push([method, answer ?? ""]);
  };
  for (const model of ["echo/m", "file/m", "exec/m", "env/m", "down/m"]) {
    const key = `agent:main:${model.split("/")[0] ?? ""}`;
    await ask("sessions.patch", { key, model });
    await ask("chat.send", { sessionKey: key, message: "hello", idempotencyKey: `k-${model}` });
    await ask("agent", { sessionKey: key, message: "hello", idempotencyKey: `a-${model}` });
    await ask("agent.wait", { runId: `a-${model}`, timeoutMs: 4_000 });
    await ask("chat.history", { sessionKey: key });
    await ask("sessions.describe", { key });
  }
  await ask("agents.create", { name: "Helper" });
  await ask("agents.update", { agentId: "helper", name: "Other" });
  for (const method of Object.keys(methods)) {
    await ask(method);
    await ask(method, { [canary("name")]: { token: canary("nested") }, key: canary("value").length });
  }
  for (const method of [
    "config.get",
    "health",
    "status",
    "system-presence",
    "audit.list",
    "models.list",
    "sessions.list",
  ]) {
    await ask(method, {});
  }
  await ask("no.such.method", { password: canary("unknownmethod") });
  await ask("logs.tail", { limit: 1_000, maxBytes: 1_000_000 });
  await client.close();

  // What can be seen of the process, and what commands beside it print.
  for (const name of ["cmdline", "comm"]) {
    seen.push([name, await readFile(`/proc/${gateway.pid}/${name}`, "utf8").catch(() => "")]);
  }
  for (const args of [
    ["gateway", "status"],
    ["gateway", "call", "config.get"],
    ["logs", "tail", "--limit", "500"],
    ["models"],
  ]) {
    const { stdout, stderr, code } = await run("quiet", ...args);
    expect([args, code]).toEqual([args, 0]);
    seen.push([args.join(" "), stdout + stderr]);
  }
  for (const args of [
    ["gateway", "status"],
    ["gateway", "call", "config.get"],
  ]) {
    const { stdout, stderr } = await run("debugging", ...args);
    expect(stderr).toContain('"method":"connect"');
    seen.push([`DEBUG ${args.join(" ")}`, stdout + stderr]);
  }
  // An error that nobody catches, with secrets in all of it that can be told by their shape or name.
  gateway.kill("SIGUSR2");
  const { code, stdout, stderr } = await gateway.ended;
  expect(code).toBe(1);
  expect(stderr).toContain("crashed on purpose");
  seen.push(["output of the gateway", stdout + stderr]);

  const files = await walk(stateDir);
  for (const { path, isFolder } of files) {
    // The configuration and its backups are where the secrets belong.
    if (!isFolder && !/openclaw\.json(\.bak(\.\d)?)?$/.test(path)) seen.push([path, await readFile(path, "latin1")]);
  }
  expect(planted.length).toBeGreaterThan(40);
  expect(files.map(({ path }) => path)).toContain(join(stateDir, "openclaw.json.bak"));
  expect(seen.filter(([, text]) => text.includes(deviceToken)).map(([where]) => where)).toEqual([]);
  const values = new Set(planted);
  const leaks = seen.flatMap(([where, text]) =>
    [...text.matchAll(shape)].filter(([found]) => values.has(found)).map(([found]) => `${where}: ${found}`),
  );
  expect([...new Set(leaks)]).toEqual([]);
  // The provider did repeat the keys, and people still learn what went wrong.
  const told = seen.filter(
    ([where, text]) => where === "event chat" && text.includes("Incorrect API key provided: [secret]"),
  );
  expect(told.length).toBeGreaterThan(4);
  const open = files.filter(({ mode, isFolder }) => mode !== (isFolder ? 0o700 : 0o600));
  expect(open.map(({ path, mode }) => `${path.slice(stateDir.length)} ${mode.toString(8)}`)).toEqual([]);
}, 90_000);
