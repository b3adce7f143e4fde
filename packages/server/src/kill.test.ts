import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSocket } from "./testing/socket-client.ts";

let stateDir: string;
let running: ChildProcess[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "kill-"));
});
afterEach(async () => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  running = [];
  await rm(stateDir, { recursive: true, force: true });
});

function launch(): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, "testing/gateway-process.ts")], {
    env: { PATH: process.env["PATH"], HOME: stateDir, OPENCLAW_STATE_DIR: stateDir, OPENCLAW_GATEWAY_TOKEN: "secret" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  return child;
}

async function start() {
  const child = launch();
  let errors = "";
  child.stderr?.on("data", (data) => (errors += String(data)));
  const [line] = await Promise.race([
    once(child.stdout!, "data"),
    once(child, "exit").then(() => {
      throw new Error(`the gateway did not start: ${errors}`);
    }),
  ]);
  return { child, url: String(line).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

type Message = { role: string; stopReason?: string; content: { text?: string }[] };

async function connected(url: string) {
  const client = await openSocket(url);
  const hello = await client.connect();
  if (!hello.ok) throw new Error(JSON.stringify(hello));
  const request = async (method: string, params: unknown) => {
    const id = `${method}-${Math.random()}`;
    client.send({ type: "req", id, method, params });
    return client.answer(id);
  };
  const history = async (sessionKey: string): Promise<Message[]> =>
    ((await request("chat.history", { sessionKey, limit: 1000 })).payload as { messages: Message[] }).messages;
  return { client, request, history };
}

const textsOf = (messages: Message[], role: string): (string | undefined)[] =>
  messages.filter((message) => message.role === role).map(({ content }) => content[0]?.text);

// Each start is a process of its own that loads the source; a busy machine takes its time.
describe("killed during a turn", { timeout: 120_000 }, () => {
  test("the acknowledged message is there, the run is interrupted, and what waited is answered", async () => {
    const first = await start();
    const before = await connected(first.url);
    await before.request("chat.send", { sessionKey: "s", message: "slow one", idempotencyKey: "running" });
    await before.client.event("chat");
    expect(
      await before.request("chat.send", { sessionKey: "s", message: "second", idempotencyKey: "waiting" }),
    ).toMatchObject({ ok: true, payload: { status: "started" } });
    await kill(first.child);

    const second = await start();
    const after = await connected(second.url);
    expect(await after.request("agent.wait", { runId: "waiting", timeoutMs: 10_000 })).toMatchObject({
      payload: { status: "ok" },
    });
    const messages = await after.history("s");
    expect(textsOf(messages, "user")).toEqual(["slow one", "second"]);
    expect(messages.map(({ role, stopReason }) => [role, stopReason])).toEqual([
      ["user", undefined],
      ["assistant", "interrupted"],
      ["user", undefined],
      ["assistant", "stop"],
    ]);
    // The same ids again start nothing.
    expect(
      await after.request("chat.send", { sessionKey: "s", message: "slow one", idempotencyKey: "running" }),
    ).toMatchObject({ payload: { runId: "running", status: "ok" } });
    expect(await after.history("s")).toHaveLength(4);
  });

  test("a call that the caller's tool is to answer waits for its result in the next life", async () => {
    const endpoints = { responses: { enabled: true } };
    await writeFile(join(stateDir, "openclaw.json"), JSON.stringify({ gateway: { http: { endpoints } } }));
    const ask = async (url: string, body: object) => {
      const response = await fetch(new URL("/v1/responses", url), {
        method: "POST",
        headers: { authorization: "Bearer secret" },
        body: JSON.stringify({ model: "openclaw", tools: [{ type: "function", name: "look" }], ...body }),
      });
      return (await response.json()) as { id: string; output: { type: string; content?: { text: string }[] }[] };
    };
    const first = await start();
    const called = await ask(first.url, { input: "look at it" });
    expect(called.output).toMatchObject([{ type: "function_call", call_id: "call_1", name: "look" }]);
    await kill(first.child);

    const second = await start();
    const read = await fetch(new URL(`/v1/responses/${called.id}`, second.url), {
      headers: { authorization: "Bearer secret" },
    });
    expect(await read.json()).toMatchObject({ id: called.id, status: "completed", output: called.output });
    const answered = await ask(second.url, {
      previous_response_id: called.id,
      input: [{ type: "function_call_output", call_id: "call_1", output: "a cat" }],
    });
    expect(answered.output[0]?.content?.[0]?.text).toContain("a cat");
    const sessions = await (await connected(second.url)).request("sessions.list", {});
    expect(sessions.payload).toMatchObject({ count: 1 });
  });

  test("messages that waited to be collected are answered by one turn of the next life", async () => {
    const first = await start();
    const before = await connected(first.url);
    await before.request("chat.send", { sessionKey: "s", message: "slow one", idempotencyKey: "running" });
    await before.client.event("chat");
    for (const run of ["a", "b"])
      await before.request("chat.send", { sessionKey: "s", message: run, idempotencyKey: run, queueMode: "collect" });
    await kill(first.child);

    const second = await start();
    const after = await connected(second.url);
    for (const runId of ["a", "b"])
      expect(await after.request("agent.wait", { runId, timeoutMs: 10_000 })).toMatchObject({
        payload: { status: "ok" },
      });
    const messages = await after.history("s");
    expect(messages.map(({ role, stopReason }) => [role, stopReason])).toEqual([
      ["user", undefined],
      ["assistant", "interrupted"],
      ["user", undefined],
      ["user", undefined],
      ["assistant", "stop"],
    ]);
    expect(textsOf(messages, "user")).toEqual(["slow one", "a", "b"]);
  });
});

describe("a sub-agent, when the gateway is killed", { timeout: 120_000 }, () => {
  type Spawned = { ok: boolean; payload: { childSessionKey: string; runId: string } };
  const spawn = async (request: Awaited<ReturnType<typeof connected>>["request"], params: object) =>
    (await request("sessions.spawn", params)) as Spawned;
  /** A report may be on its way into the parent's session still: a run that nobody knows is asked for again. */
  async function reported(request: Awaited<ReturnType<typeof connected>>["request"], { payload }: Spawned) {
    const wait = () => request("agent.wait", { runId: `report:${payload.runId}`, timeoutMs: 200 });
    let answered = await wait();
    for (let n = 0; n < 100 && (answered.payload as { status: string }).status === "timeout"; n++)
      answered = await wait();
    return answered;
  }
  /** What the parent was told of a sub-agent. */
  const reportsOf = (messages: Message[], { payload }: Spawned) =>
    textsOf(messages, "user").filter((text) => text?.includes(payload.childSessionKey));

  test("between its end and the report, is reported by the next life, once", async () => {
    const first = await start();
    const { request } = await connected(first.url);
    const died = once(first.child, "exit");
    const params = { task: "die", cleanup: "delete", idempotencyKey: "once" };
    void spawn(request, params);
    expect(await died).toEqual([null, "SIGKILL"]);

    const second = await start();
    const after = await connected(second.url);
    // The answer may have been lost with the process; the same call again gets it and starts nothing.
    const spawned = await spawn(after.request, params);
    expect(await reported(after.request, spawned)).toMatchObject({ payload: { status: "ok" } });
    const told = reportsOf(await after.history("main"), spawned);
    expect(told).toEqual([expect.stringContaining("failed: dead")]);
    await kill(second.child);

    const third = await start();
    const later = await connected(third.url);
    expect(reportsOf(await later.history("main"), spawned)).toEqual(told);
    expect(await later.request("sessions.resolve", { key: spawned.payload.childSessionKey })).toMatchObject({
      ok: false,
    });
  });

  test("while it works, is reported as interrupted", async () => {
    const first = await start();
    const before = await connected(first.url);
    const spawned = await spawn(before.request, { task: "slow work", label: "Work" });
    await before.client.event("chat");
    await kill(first.child);

    const second = await start();
    const after = await connected(second.url);
    await reported(after.request, spawned);
    expect(reportsOf(await after.history("main"), spawned)).toEqual([expect.stringContaining("was interrupted")]);
  });

  test("at any moment, is reported once", async () => {
    const acknowledged: Spawned[] = [];
    for (let round = 0; round < 3; round++) {
      const { child, url } = await start();
      const { request } = await connected(url);
      const started = 1 + Math.floor(Math.random() * 8);
      for (let n = 0; n < started; n++)
        acknowledged.push(await spawn(request, { task: "quick work", cleanup: "delete" }));
      // One more is on its way, and so are the reports of those before.
      void spawn(request, { task: "quick work" });
      await kill(child);
    }
    const { url } = await start();
    const { request, history } = await connected(url);
    for (const spawned of acknowledged) await reported(request, spawned);
    const messages = await history("main");
    for (const spawned of acknowledged) expect(reportsOf(messages, spawned)).toHaveLength(1);
  });
});

describe("killed during a compaction", { timeout: 120_000 }, () => {
  test("nothing is lost, nothing is doubled, and a summary that was acknowledged is there", async () => {
    let sent = 0;
    let acknowledged = 0;
    for (let round = 0; round < 4; round++) {
      const { child, url } = await start();
      const { client, request } = await connected(url);
      const run = `run-${sent++}`;
      await request("chat.send", { sessionKey: "s", message: run, idempotencyKey: run });
      await request("agent.wait", { runId: run, timeoutMs: 10_000 });
      const stop = new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), Math.random() * 60));
      let answered = await Promise.race([request("sessions.compact", { key: "s" }), stop]);
      while (answered?.ok && client.isOpen) {
        acknowledged++;
        answered = await Promise.race([request("sessions.compact", { key: "s" }), stop]);
        if ((answered?.payload as { compacted?: boolean } | undefined)?.compacted !== true) break;
      }
      await kill(child);
    }
    const { url } = await start();
    const { request, history } = await connected(url);
    const messages = await history("s");
    expect(textsOf(messages, "user")).toEqual(Array.from({ length: sent }, (_, n) => `run-${n}`));
    const marks = messages.filter(({ role }) => role === "system").length;
    expect(marks).toBeGreaterThanOrEqual(acknowledged);
    const { payload } = await request("sessions.list", {});
    expect(payload).toMatchObject({ sessions: [{ compactionCount: marks }] });
    await request("chat.send", { sessionKey: "s", message: "after", idempotencyKey: "after" });
    expect(await request("agent.wait", { runId: "after", timeoutMs: 10_000 })).toMatchObject({
      payload: { status: "ok" },
    });
  });
});

describe("the state folder", { timeout: 60_000 }, () => {
  test("belongs to one process; a second says who has it, and after a kill the next has it at once", async () => {
    const first = await start();
    const second = launch();
    let errors = "";
    second.stderr?.on("data", (data) => (errors += String(data)));
    await once(second, "exit");
    expect(second.exitCode).not.toBe(0);
    expect(errors).toContain(`process id ${first.child.pid} holds`);
    expect(errors).toContain(first.url);
    await kill(first.child);
    const third = await start();
    const stopped = once(third.child, "exit");
    third.child.kill("SIGTERM");
    expect(await stopped).toEqual([0, null]);
  });
});
