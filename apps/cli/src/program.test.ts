import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommandContext } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import { createStyle } from "./output/style.ts";
import { runProgram } from "./program.ts";

async function run(...argv: string[]) {
  let out = "";
  let err = "";
  const context: CommandContext = {
    environment: { OPENCLAW_STATE_DIR: "/nonexistent/openclaw" },
    invocation: "openclaw",
    out: (text) => (out += text),
    err: (text) => (err += text),
    isTty: false,
    width: undefined,
    style: createStyle(false),
    errStyle: createStyle(false),
    isDebugging: false,
  };
  const code = await runProgram(argv, context);
  return { code, out, err };
}

test("the version is the gateway's release", async () => {
  expect(await run("--version")).toEqual({ code: 0, out: "2026.11.20\n", err: "" });
});

test.each([[[]], [["--help"]], [["help"]], [["-h"]]])("the help for %j names every command", async (argv) => {
  const { code, out } = await run(...argv);
  expect(code).toBe(0);
  for (const name of ["gateway", "agent", "chat", "send", "sessions", "models", "logs", "help"])
    expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  expect(out).toContain("Examples:");
});

test.each([
  [["gateway", "run", "--help"], "--bind <where>"],
  [["help", "gateway", "call"], "--params <json>"],
  [["sessions", "list", "-h"], "--active [minutes]"],
  [["agent", "--help"], "git diff | openclaw agent"],
])("%j explains the command with its own and the common options", async (argv, text) => {
  const { code, out } = await run(...argv);
  expect(code).toBe(0);
  expect(out).toContain(text);
  expect(out).toContain("--url [address]");
});

test("exit codes are a page of the help", async () => {
  const { out } = await run("help", "exit-codes");
  for (const { code, meaning } of Object.values(exitCodes)) expect(out).toContain(`${code}  ${meaning}`);
});

test("the documentation has the same exit codes", async () => {
  const page = await readFile(join(import.meta.dirname, "../../../docs/command-line.md"), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, meaning]) => ({
    code: Number(code),
    meaning,
  }));
  expect(rows).toEqual(Object.values(exitCodes));
});

test("exit codes are a contract", () => {
  expect(Object.fromEntries(Object.entries(exitCodes).map(([name, { code }]) => [name, code]))).toEqual({
    done: 0,
    failed: 1,
    usage: 2,
    unreachable: 69,
    storage: 74,
    alreadyRunning: 75,
    portUnavailable: 76,
    unauthorized: 77,
    configuration: 78,
    timeout: 124,
    interrupted: 130,
  });
});

test.each([
  [["sesions"], "unknown command 'sesions'\n(Did you mean sessions?)"],
  [["gateway", "nonsense"], "unknown command: gateway nonsense"],
  [["gateway", "run", "--port", "70000"], "It must be a port from 0 to 65535."],
  [["gateway", "run", "--auth", "magic"], "Allowed choices are token, password, none."],
  [["agent"], "required option '-m, --message <text>' not specified"],
  [["agent", "-m", "  "], "the message is empty"],
  [["send", "hello"], "required option '--session <key>' not specified"],
  [["sessions", "history"], "missing required argument 'key'"],
  [["sessions", "list", "--limit", "0"], "It must be a whole number above 0."],
  [["sessions", "list", "--kind", "other"], "Allowed choices are direct, group, global, unknown."],
  [["sessions", "list", "--url"], "--url needs an address"],
  [["sessions", "list", "--timeout", "soon"], "--timeout: not a length of time: soon"],
  [["--url", "ftp://x", "gateway", "health"], "--url: not a gateway address: ftp://x"],
  [["gateway", "call", "health", "--params", "{"], "--params is not JSON"],
  [["models", "--colour"], "unknown option '--colour'"],
  [["help", "nothing"], "no help on nothing"],
])("%j is a wrong use", async (argv, text) => {
  const { code, out, err } = await run(...argv);
  expect(err).toContain(text);
  expect(code).toBe(2);
  expect(out).toBe("");
});

test("without a gateway one line says so and how to start one", async () => {
  const answer = await run("sessions", "list", "--url", "ws://127.0.0.1:9");
  expect(answer).toEqual({
    code: 69,
    out: "",
    err: "error: no gateway is running at ws://127.0.0.1:9/ — check the address (from --url)\n",
  });
});

test("with --json a failure is a document, too", async () => {
  const { code, out } = await run("--json", "gateway", "health", "--url", "ws://127.0.0.1:9");
  expect(code).toBe(69);
  expect(JSON.parse(out)).toEqual({
    error: {
      reason: "unreachable",
      message: "no gateway is running at ws://127.0.0.1:9/",
      fix: "check the address (from --url)",
    },
  });
});

test("status of nothing is a document with running: false", async () => {
  const { code, out, err } = await run("gateway", "status", "--json", "--url", "ws://127.0.0.1:9");
  expect(code).toBe(69);
  expect(JSON.parse(out)).toMatchObject({
    running: false,
    ready: false,
    url: "ws://127.0.0.1:9/",
    error: { reason: "unreachable" },
  });
  expect(err).toContain("no gateway is running");
});

test("a token that is not there is explained", async () => {
  const { code, err } = await run("gateway", "token");
  expect(code).toBe(1);
  expect(err).toBe(
    "error: no token is known in /nonexistent/openclaw — the first start makes one: openclaw gateway run\n",
  );
});

test.each([
  [["gateway", "token", "--token", "t"], "t\n"],
  [["--token", "t", "gateway", "token"], "t\n"],
  [["gateway", "--token", "t", "token"], "t\n"],
  [["gateway", "token", "--url", "--token", "t"], "http://127.0.0.1:18789/#token=t\n"],
  [["gateway", "token", "--token", "t", "--url", "wss://host/ws"], "https://host/#token=t\n"],
])("%j: options count before and after every part", async (argv, out) => {
  expect(await run(...argv)).toEqual({ code: 0, out, err: "" });
});
