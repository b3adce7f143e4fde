import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSocket } from "./testing/socket-client.ts";

let stateDir: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "trouble-"));
});
afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  await rm(stateDir, { recursive: true, force: true });
});

async function start() {
  child = spawn(process.execPath, [join(import.meta.dirname, "testing/gateway-process.ts")], {
    env: { PATH: process.env["PATH"], HOME: stateDir, OPENCLAW_STATE_DIR: stateDir, OPENCLAW_GATEWAY_TOKEN: "secret" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout!, "data");
  const client = await openSocket(String(line).trim());
  expect(await client.connect()).toMatchObject({ ok: true });
  let lastId = 0;
  const request = async (method: string, params: unknown) => {
    const id = `q${++lastId}`;
    client.send({ type: "req", id, method, params });
    return client.answer(id);
  };
  const send = (run: string) => request("chat.send", { sessionKey: "s", message: run, idempotencyKey: run });
  const wait = async (runId: string) => (await request("agent.wait", { runId, timeoutMs: 30_000 })).payload;
  return { pid: child.pid!, client, request, send, wait };
}

const hasPrlimit = process.platform === "linux";
/** As a full disk: files cannot grow beyond this, until the limit is lifted again. */
const limitFiles = (pid: number, bytes: number | "unlimited") =>
  promisify(execFile)("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);

test.runIf(hasPrlimit)(
  "a disk that takes nothing more is answered as such, harms nothing, and is forgotten once it does",
  { timeout: 120_000 },
  async () => {
    const { pid, request, send, wait } = await start();
    expect(await send("before")).toMatchObject({ ok: true });
    expect(await wait("before")).toMatchObject({ status: "ok" });

    await limitFiles(pid, 4_096);
    const refused = await send("during");
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "UNAVAILABLE",
        retryable: true,
        retryAfterMs: 5_000,
        details: { reason: expect.stringMatching(/^storage-(full|io)$/) },
      },
    });
    // Reads go on.
    expect(await request("chat.history", { sessionKey: "s" })).toMatchObject({ ok: true });
    expect(await request("sessions.list", {})).toMatchObject({ ok: true });

    await limitFiles(pid, "unlimited");
    expect(await send("during")).toMatchObject({ ok: true, payload: { status: "started" } });
    expect(await wait("during")).toMatchObject({ status: "ok" });
    const { payload } = await request("chat.history", { sessionKey: "s" });
    const users = (payload as { messages: { role: string; content: { text: string }[] }[] }).messages
      .filter(({ role }) => role === "user")
      .map(({ content }) => content[0]?.text);
    expect(users).toEqual(["before", "during"]);
  },
);

test.runIf(hasPrlimit)(
  "a turn that is under way keeps its answer until the disk takes it",
  { timeout: 120_000 },
  async () => {
    const { pid, client, request, send, wait } = await start();
    // Its pieces come for a while; the end is asked for when the disk is full.
    expect(await send("slow one")).toMatchObject({ ok: true });
    await client.event("chat");
    await limitFiles(pid, 4_096);
    const aborting = request("chat.abort", { sessionKey: "s", runId: "slow one" });
    // Its end cannot be written now; a write of somebody else is refused meanwhile.
    expect(await send("other")).toMatchObject({ ok: false });
    await limitFiles(pid, "unlimited");
    expect(await aborting).toMatchObject({ ok: true, payload: { aborted: true } });
    expect(await wait("slow one")).toMatchObject({ status: "ok" });
    const { payload } = await request("chat.history", { sessionKey: "s" });
    expect((payload as { messages: { stopReason?: string }[] }).messages.at(-1)).toMatchObject({
      stopReason: "aborted",
    });
  },
);

test(
  "another program that holds the database is named as the cause, and the same message works after it",
  { timeout: 120_000 },
  async () => {
    const { send, wait } = await start();
    expect(await send("before")).toMatchObject({ ok: true });
    await wait("before");
    const other = new DatabaseSync(join(stateDir, "gateway.sqlite"));
    other.exec("BEGIN IMMEDIATE");
    expect(await send("during")).toMatchObject({
      ok: false,
      error: { code: "UNAVAILABLE", retryable: true, details: { reason: "storage-busy" } },
    });
    other.exec("ROLLBACK");
    other.close();
    expect(await send("during")).toMatchObject({ ok: true, payload: { status: "started" } });
    expect(await wait("during")).toMatchObject({ status: "ok" });
  },
);
