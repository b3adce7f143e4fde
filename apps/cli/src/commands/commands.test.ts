import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type CliProcess, createInstallation, type TestInstallation } from "../testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** One gateway with the offline demo model for all of them; each test has sessions of its own. */
let installation: TestInstallation;
let gateway: CliProcess;
beforeAll(async () => {
  installation = await createInstallation();
  gateway = await installation.startGateway();
});
afterAll(() => installation[Symbol.asyncDispose]());

const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await installation.run([...args, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

describe("about the gateway", () => {
  test("status finds the running gateway by itself", async () => {
    const { stdout, code } = await installation.run(["gateway", "status"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^gateway +running at ws:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(stdout).toMatch(/^parts +database ready, turns ready$/m);
    expect(await json("gateway", "status")).toMatchObject({
      running: true,
      ready: true,
      protocol: 4,
      parts: { database: { state: "ready" } },
    });
  });

  test("status with a wrong token still tells that it runs", async () => {
    const { code, stdout, stderr } = await installation.run(["gateway", "status", "--token", "wrong", "--json"]);
    expect(code).toBe(77);
    expect(JSON.parse(stdout)).toMatchObject({ running: true, ready: true, error: { reason: "unauthorized" } });
    expect(stderr).toContain("refused the token from --token or --password");
  });

  test("health", async () => {
    expect(await json("gateway", "health")).toMatchObject({ ok: true, defaultAgentId: "main" });
    expect((await installation.run(["gateway", "health"])).stdout).toMatch(/^health +ok$/m);
  });

  test("call prints any method's answer, and a refusal as it came", async () => {
    const { stdout } = await installation.run([
      "gateway",
      "call",
      "chat.history",
      "--params",
      '{"sessionKey":"nobody"}',
    ]);
    expect(JSON.parse(stdout)).toEqual({ sessionKey: "nobody", messages: [], thinkingLevel: "off" });
    const refused = await installation.run(["gateway", "call", "no.such", "--json"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe("error: unknown method: no.such — docs/protocol/methods.md lists the methods\n");
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "INVALID_REQUEST" } });
  });

  test("models list marks the demo and the default", async () => {
    const { stdout } = await installation.run(["models", "list"]);
    expect(stdout).toMatch(/^MODEL +NAME +CONTEXT +INPUT +NOTES\ndemo\/offline +Offline demo .* default demo\n$/);
    expect(await json("models", "list")).toMatchObject({ models: [{ id: "offline", provider: "demo" }] });
  });

  test("DEBUG=openclaw shows the frames without the token", async () => {
    const { stdout: token } = await installation.run(["gateway", "token"]);
    const { code, stdout, stderr } = await installation.run(["gateway", "call", "health"], { DEBUG: "openclaw" });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(stderr).toMatch(/→ .*"method":"connect".*"token":"\[redacted\]"/);
    expect(stderr).toMatch(/← .*hello-ok/);
    expect(stderr).not.toContain(token.trim());
  });
});

// The demo model takes its time; so they take it together.
describe.concurrent("turns", () => {
  test("agent prints the answer; with --json the whole result", async () => {
    const { code, stdout, stderr } = await installation.run(["agent", "--message", "hello cli", "--session", "one"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Your message arrived: “hello cli”");
    const result = await json("agent", "-m", "again", "--session", "one", "--timeout", "60");
    expect(result).toMatchObject({ status: "ok", summary: "completed", result: { meta: { aborted: false } } });
    expect(result.result.payloads[0].text).toContain("“again”");
  });

  test("agent reads the message from standard input", async () => {
    const child = installation.spawn(["agent", "-m", "-", "--session", "piped"]);
    child.write("from a pipe\n");
    child.endInput();
    expect(await child.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("“from a pipe”") });
  });

  test("an unknown agent is a failure in one line", async () => {
    const { code, stdout, stderr } = await installation.run(["agent", "-m", "x", "--agent", "nobody"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .*unknown agent id "nobody".*\n$/);
  });

  test("Ctrl+C stops the turn and keeps what was said", async () => {
    const child = installation.spawn(["agent", "-m", "slow", "--session", "stopped", "--json"], { DEBUG: "openclaw" });
    await child.until(/"sessionKey":"agent:main:stopped",[^{}]*"state":"delta"/);
    child.kill("SIGINT");
    const { code, stdout } = await child.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: "ok", summary: "aborted", result: { meta: { aborted: true } } });
    const { messages } = await json("sessions", "history", "stopped");
    expect(messages.at(-1)).toMatchObject({ role: "assistant", stopReason: "aborted" });
  });

  test("send waits for the answer, or does not", async () => {
    const { code, stdout } = await installation.run(["send", "--session", "agent:main:sent", "two", "words"]);
    expect(code).toBe(0);
    expect(stdout).toContain("“two words”");
    const document = await json("send", "--session", "sent", "more");
    expect(document).toMatchObject({
      status: "final",
      sessionKey: "agent:main:sent",
      text: expect.stringContaining("“more”"),
    });
    expect(await json("send", "--session", "unawaited", "--no-wait", "slow")).toMatchObject({ status: "started" });
    expect((await installation.run(["send", "--session", "unawaited", "stop"])).stdout).toBe(
      "stopped 1 running turns\n",
    );
  });

  test("chat answers piped lines one after the other", async () => {
    const child = installation.spawn(["chat", "--session", "talk"]);
    child.write("first line\n/session other\nsecond line\n");
    child.endInput();
    const { code, stdout, stderr } = await child.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.indexOf("“first line”")).toBeGreaterThan(0);
    expect(stdout.indexOf("“second line”")).toBeGreaterThan(stdout.indexOf("“first line”"));
    const { messages } = await json("sessions", "history", "other");
    expect(messages[0]).toMatchObject({ role: "user", content: [{ type: "text", text: "second line" }] });
  });
});

describe("sessions", () => {
  test("list as a table and as a document, filtered", async () => {
    await installation.run(["send", "--session", "listed", "a title for the list"]);
    const { stdout } = await installation.run(["sessions", "list", "--active"]);
    expect(stdout).toMatch(/^KEY +KIND +MODEL +TOKENS +UPDATED +TITLE$/m);
    expect(stdout).toMatch(/^agent:main:listed +direct +offline +[\d,]+ +\S.* a title for the list$/m);
    expect(await json("sessions", "list", "--limit", "1")).toMatchObject({
      count: 1,
      sessions: [{ key: "agent:main:listed" }],
    });
    expect(await json("sessions", "list", "--kind", "group")).toMatchObject({ count: 0, sessions: [] });
    expect((await installation.run(["sessions", "list", "--kind", "group"])).stdout).toBe("No session fits.\n");
  });

  test("history shows who said what; an unknown session is named", async () => {
    await installation.run(["send", "--session", "told", "remember me"]);
    const { stdout } = await installation.run(["sessions", "history", "told", "--limit", "2"]);
    expect(stdout).toMatch(/^you {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nremember me\n\nassistant {2}/);
    const unknown = await installation.run(["sessions", "history", "no-such-session"]);
    expect({ code: unknown.code, stdout: unknown.stdout }).toEqual({ code: 1, stdout: "" });
    expect(unknown.stderr).toMatch(
      /^error: there is no session "no-such-session" — list them with: .* sessions list\n$/,
    );
  });
});

describe("logs tail", () => {
  test("for people and as a document", async () => {
    const { stdout } = await installation.run(["logs", "tail", "--limit", "5"]);
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d INFO {2}the gateway is running url=/m);
    const page = await json("logs", "tail");
    expect(page.lines.some((line: string) => line.includes("the gateway is running"))).toBe(true);
  });

  test("-f goes on until Ctrl+C, over a restart of the gateway", async () => {
    await using own = await createInstallation();
    const first = await own.startGateway();
    const [, port = ""] = await first.until(/Open http:\/\/127\.0\.0\.1:(\d+)/);
    const child = own.spawn(["logs", "tail", "-f", "--json"]);
    await child.until(/"msg":"the gateway is running"/);
    first.kill("SIGTERM");
    await first.ended;
    await child.until(/connection lost/);
    const second = own.spawn(["gateway", "run", "--port", port]);
    await second.until(/is running/);
    await child.next(/"msg":"the gateway is running"/);
    child.kill("SIGINT");
    const { code, stdout } = await child.ended;
    expect(code).toBe(0);
    const documents = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    expect(documents.filter(({ msg }) => msg === "the gateway is running")).toHaveLength(2);
  });
});

test("the gateway is untouched by all this", async () => {
  expect(gateway.stderr).not.toMatch(/ERROR|error:/);
  expect(await json("gateway", "health")).toMatchObject({ ok: true });
});
