import { createServer } from "node:net";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createInstallation, type TestInstallation } from "../../testing/cli-process.ts";
import { withRunFlags } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

const configure = async ({ stateDir }: TestInstallation, text: string): Promise<void> => {
  await mkdir(stateDir, { recursive: true });
  await writeFile(join(stateDir, "openclaw.json"), text);
};
const modesUnder = async (folder: string): Promise<Record<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const modes = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path, ((await stat(path)).mode & 0o777).toString(8)] as const;
  });
  return Object.fromEntries(await Promise.all(modes));
};

test("the first start shows the address with the token, a later one how to get it", async () => {
  await using installation = await createInstallation();
  const first = await installation.startGateway();
  const [, url, token] = await first.until(/Open (http:\/\/127\.0\.0\.1:\d+\/)#token=(\S+)/);
  expect(first.stdout).toContain("No model provider is configured: a demo answers");
  const { stdout } = await installation.run(["gateway", "token", "--url"]);
  expect(stdout).toBe(`${url}#token=${token}\n`);
  const modes = await modesUnder(installation.stateDir);
  expect(new Set(Object.values(modes))).toEqual(new Set(["600", "700"]));
  expect(Object.keys(modes).length).toBeGreaterThan(4);
  first.kill("SIGTERM");
  expect(await first.ended).toMatchObject({ code: 0 });

  const second = await installation.startGateway();
  const [line] = await second.until(/Open .*/);
  expect(line).toMatch(/Open http:\/\/127\.0\.0\.1:\d+\/$/);
  await second.until(/gateway token --url/);
  expect(second.stdout).not.toContain(token ?? "");
  second.kill("SIGINT");
  expect(await second.ended).toMatchObject({ code: 0 });
  const log = await readFile(join(installation.stateDir, "logs", "gateway.log"), "utf8");
  expect(log).toContain("the gateway is running");
  expect(log).not.toContain(token);
});

test("an invalid configuration is told with every problem and ends with 78", async () => {
  await using installation = await createInstallation();
  await configure(installation, `{\n  gateway: {\n    port: "x",\n    auth: { mode: "magic" },\n  },\n}\n`);
  const { code, stdout, stderr } = await installation.run(["gateway", "run"]);
  const file = join(installation.stateDir, "openclaw.json");
  expect(code).toBe(78);
  expect(stdout).toBe("");
  expect(stderr).toContain(`${file}:3: gateway.port: `);
  expect(stderr).toContain(`${file}:4: gateway.auth.mode: `);
  await configure(installation, `{\n  gateway: {\n`);
  const broken = await installation.run(["gateway", "--json"]);
  expect(broken.code).toBe(78);
  expect(broken.stderr).toMatch(/openclaw\.json:3: not valid JSON5/);
  expect(JSON.parse(broken.stdout)).toMatchObject({ error: { reason: "configuration" } });
  // Commands that talk to a gateway leave the file aside and say so.
  const client = await installation.run(["sessions", "list", "--url", "ws://127.0.0.1:9"]);
  expect(client.code).toBe(69);
  expect(client.stderr).toContain("is not valid JSON5 and is left aside");
});

test("a second gateway on the same folder says who holds it", async () => {
  await using installation = await createInstallation();
  const first = await installation.startGateway();
  const { code, stderr } = await installation.run(["gateway", "run", "--port", "0"]);
  expect(code).toBe(75);
  expect(stderr).toContain(`process id ${first.pid}`);
  expect(stderr).toContain(`stop it with: kill ${first.pid}`);
});

test("a port that is taken is named, and the folder is free afterwards", async () => {
  await using installation = await createInstallation();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { code, stderr } = await installation.run(["gateway", "run", "--port", String(port)]);
  other.close();
  expect(code).toBe(76);
  expect(stderr).toContain(`port ${port} on 127.0.0.1 is taken by another program`);
  await installation.startGateway();
});

test("flags win over the environment, the environment over the file", async () => {
  await using installation = await createInstallation();
  await configure(installation, `{ gateway: { auth: { mode: "token", token: "from-file" } } }`);
  const environment = { OPENCLAW_GATEWAY_TOKEN: "from-environment" };
  const gateway = await installation.startGateway(["--password", "from-flag"], environment);
  await gateway.until(/asks for the password/);
  const withToken = await installation.run(["gateway", "health"], environment);
  expect(withToken).toMatchObject({ code: 77, stderr: expect.stringContaining("wants a password") });
  expect(await installation.run(["gateway", "--password", "wrong", "health"])).toMatchObject({
    code: 77,
    stderr: expect.stringContaining("refused the password from --token or --password"),
  });
  expect(await installation.run(["gateway", "health", "--password", "from-flag"])).toMatchObject({ code: 0 });
});

test("with --json the start is one document without the token", async () => {
  await using installation = await createInstallation();
  const gateway = installation.spawn(["gateway", "run", "--port", "0", "--json"]);
  await gateway.until(/\}\n/);
  expect(JSON.parse(gateway.stdout)).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    port: expect.any(Number),
    pid: gateway.pid,
    stateDir: installation.stateDir,
  });
});

test("a second signal ends at once, whatever is running", async () => {
  await using installation = await createInstallation();
  const gateway = await installation.startGateway();
  const turn = installation.spawn(["send", "--session", "main", "--no-wait", "slow"]);
  await turn.ended;
  gateway.kill("SIGTERM");
  await gateway.until(/Stopping/);
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toMatchObject({ code: 143 });
});

test("run's flags become the variables they stand for", () => {
  const flags = { port: 1, bind: "lan", token: "t", logLevel: "warn", verbose: true };
  expect(withRunFlags({ OPENCLAW_GATEWAY_PORT: "2", OTHER: "x" }, flags)).toEqual({
    OTHER: "x",
    OPENCLAW_GATEWAY_PORT: "1",
    OPENCLAW_GATEWAY_BIND: "lan",
    OPENCLAW_GATEWAY_TOKEN: "t",
    OPENCLAW_GATEWAY_AUTH: "token",
    OPENCLAW_LOG_LEVEL: "warn",
  });
  expect(withRunFlags({}, { password: "p" })).toEqual({
    OPENCLAW_GATEWAY_PASSWORD: "p",
    OPENCLAW_GATEWAY_AUTH: "password",
  });
  expect(withRunFlags({}, { password: "p", auth: "none" })).toEqual({
    OPENCLAW_GATEWAY_PASSWORD: "p",
    OPENCLAW_GATEWAY_AUTH: "none",
  });
  expect(withRunFlags({}, { verbose: true })).toEqual({ OPENCLAW_LOG_LEVEL: "debug" });
});
