import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allMigrations } from "./store/migrations.ts";
import { openSqlite } from "./store/sqlite.ts";
import { answer, createScriptedRuntime } from "./testing/scripted-runtime.ts";
import { openSocket } from "./testing/socket-client.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const dyingWorker = new URL("testing/dying-sqlite-worker.ts", import.meta.url);

/** A gateway on a file whose writer dies when a message says so. */
async function startOnDyingWriter(restartDelaysMs: readonly number[]) {
  const folder = await mkdtemp(join(tmpdir(), "writer-"));
  const running = await startTestGateway(
    createScriptedRuntime(() => answer("Here.")),
    {
      openDatabase: (onState) =>
        openSqlite({
          path: join(folder, "gateway.sqlite"),
          migrations: allMigrations,
          workerUrl: dyingWorker,
          onState,
          restartDelaysMs,
        }),
    },
  );
  const client = await openSocket(running.url);
  await client.connect();
  let lastId = 0;
  const request = async (method: string, params: unknown) => {
    const id = `q${++lastId}`;
    client.send({ type: "req", id, method, params });
    return client.answer(id);
  };
  return {
    gateway: running.gateway,
    url: running.url,
    request,
    /** `thinking` is written only with the acceptance of a message, so the writer dies there and not later. */
    send: (run: string, message: string, thinking?: "die before" | "die after") =>
      request("chat.send", { sessionKey: "s", message, idempotencyKey: run, ...(thinking && { thinking }) }),
    wait: async (runId: string) => (await request("agent.wait", { runId, timeoutMs: 20_000 })).payload,
    users: async (): Promise<(string | undefined)[]> => {
      const { payload } = await request("chat.history", { sessionKey: "s" });
      return (payload as { messages: { role: string; content: { text: string }[] }[] }).messages
        .filter(({ role }) => role === "user")
        .map(({ content }) => content[0]?.text);
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      client[Symbol.dispose]();
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const lost = {
  ok: false,
  error: { code: "UNAVAILABLE", retryable: true, retryAfterMs: 1_000, details: { reason: "storage-writer-lost" } },
};

test("a writer that dies with a message stored answers that nobody knows, and the message is answered once", async () => {
  await using subject = await startOnDyingWriter([0, 0, 0, 0]);
  const { send, wait, users } = subject;
  expect(await send("a", "hello")).toMatchObject({ ok: true });
  await wait("a");
  expect(await send("b", "again", "die after")).toMatchObject(lost);
  // Found by the next writer, without being asked for again.
  expect(await wait("b")).toMatchObject({ status: "ok" });
  expect(await send("b", "again")).toMatchObject({ ok: true, payload: { status: "ok" } });
  expect(await users()).toEqual(["hello", "again"]);
});

test("a writer that dies before it stored a message leaves nothing of it, and the same key works afterwards", async () => {
  await using subject = await startOnDyingWriter([0, 0, 0, 0]);
  const { send, wait, users } = subject;
  expect(await send("a", "one", "die before")).toMatchObject(lost);
  expect(await send("a", "try again")).toMatchObject({ ok: true, payload: { status: "started" } });
  expect(await wait("a")).toMatchObject({ status: "ok" });
  expect(await users()).toEqual(["try again"]);
});

test("when no writer can be had any more, the gateway says so and asks for a new process", async () => {
  await using subject = await startOnDyingWriter([]);
  const { gateway, url, send, request, wait } = subject;
  expect(await send("a", "hello")).toMatchObject({ ok: true });
  await wait("a");
  expect(await send("b", "two", "die before")).toMatchObject(lost);
  expect((await gateway.lost).message).toContain("could not be started again");
  expect(await send("c", "later")).toMatchObject(lost);
  expect(await request("chat.history", { sessionKey: "s" })).toMatchObject({ ok: true });
  const ready = await fetch(`${url}readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { parts: { database: { state: "failed" } } }]);
});
