import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { rolldown } from "rolldown";
import type { CrashOrder, CrashReport } from "./crash-process.ts";
import { openSocket } from "./socket-client.ts";

/** The process as one file, because a test starts it a hundred times. */
export async function buildCrashProgram() {
  const folder = await mkdtemp(join(tmpdir(), "crash-program-"));
  const input = ["crash-process", "faulty-sqlite-worker"].map((name) => join(import.meta.dirname, `${name}.ts`));
  const bundle = await rolldown({ input, platform: "node", treeshake: false, logLevel: "silent" });
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "[name].js" });
  await bundle.close();
  return {
    folder,
    file: join(folder, "crash-process.js"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A gateway in a process of its own that can be told where to die, over one state folder and many lives. */
export async function createCrashSubject(program: { file: string; folder: string }) {
  const stateDir = await mkdtemp(join(tmpdir(), "crash-"));
  let child: ChildProcess | undefined;

  function tell(order: CrashOrder): void {
    if (child?.connected) child.send(order, () => undefined);
  }
  async function report(): Promise<CrashReport> {
    const [message] = (await once(child!, "message")) as [CrashReport];
    return message;
  }

  return {
    stateDir,
    start: async (): Promise<string> => {
      child = fork(program.file, {
        env: {
          PATH: process.env["PATH"],
          HOME: stateDir,
          OPENCLAW_STATE_DIR: stateDir,
          OPENCLAW_GATEWAY_TOKEN: "secret",
          NODE_COMPILE_CACHE: join(program.folder, "compiled"),
        },
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        execArgv: [],
      });
      let errors = "";
      child.stderr?.on("data", (data) => (errors += String(data)));
      const told = await Promise.race([report(), once(child, "exit").then(() => undefined)]);
      if (!told || !("url" in told)) throw new Error(`the gateway did not start: ${errors}`);
      return told.url;
    },
    tell,
    ask: async (order: CrashOrder): Promise<CrashReport> => {
      const answer = report();
      tell(order);
      return answer;
    },
    /** Resolves when the process is gone, by its own hand or, when asked for, by ours. */
    gone: async (signal?: NodeJS.Signals): Promise<void> => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      if (signal) child.kill(signal);
      await exited;
    },
    /** What is on disk, read from a copy: the next life has to recover the original by itself. */
    inspect: async <T>(look: (db: DatabaseSync) => T): Promise<T> => {
      const folder = await mkdtemp(join(tmpdir(), "crash-look-"));
      try {
        const name = "gateway.sqlite";
        await copyFile(join(stateDir, name), join(folder, name));
        await copyFile(join(stateDir, `${name}-wal`), join(folder, `${name}-wal`)).catch(() => undefined);
        const db = new DatabaseSync(join(folder, name));
        try {
          return look(db);
        } finally {
          db.close();
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      if (child && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, "exit");
        child.kill("SIGKILL");
        await exited;
      }
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** A client whose calls end with undefined when the gateway goes. */
export async function connectCrashClient(url: string) {
  const client = await openSocket(url);
  const hello = await client.connect();
  if (!hello.ok) throw new Error(JSON.stringify(hello));
  const closed = client.closed().then(() => undefined);
  let lastId = 0;
  return {
    closed,
    /** The first answer; two-phase methods give another later. */
    request: async (method: string, params: unknown) => {
      const id = `q${++lastId}`;
      if (!client.isOpen) return undefined;
      client.send({ type: "req", id, method, params });
      return Promise.race([client.answer(id), closed]);
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
export type CrashClient = Awaited<ReturnType<typeof connectCrashClient>>;

const rows = (db: DatabaseSync, sql: string): Record<string, unknown>[] => db.prepare(sql).all();

/** What must hold of the file at any moment, whoever was killed: empty when all is well. */
export function faultsOf(db: DatabaseSync): unknown[] {
  // Throws when the index is damaged.
  db.exec("INSERT INTO message_words (message_words) VALUES ('integrity-check')");
  return [
    ...rows(db, "PRAGMA integrity_check").filter((row) => row["integrity_check"] !== "ok"),
    // Positions without holes, and the count of each session true.
    ...rows(
      db,
      `SELECT session_id, count(*) AS count, max(seq) AS last FROM messages GROUP BY session_id HAVING count <> last OR min(seq) <> 1`,
    ),
    ...rows(
      db,
      `SELECT key, message_count FROM sessions WHERE message_count <> (SELECT count(*) FROM messages WHERE messages.session_id = sessions.session_id)`,
    ),
    // No message twice.
    ...rows(db, "SELECT id, count(*) AS copies FROM messages GROUP BY id HAVING copies > 1"),
    ...rows(
      db,
      `SELECT run_id, count(*) AS copies FROM messages WHERE message ->> '$.role' = 'user' GROUP BY run_id HAVING copies > 1`,
    ),
    // Every spoken message is found by its words, and nothing else is.
    ...rows(
      db,
      `SELECT rowid, 'not in the index' AS fault FROM messages WHERE message ->> '$.role' IN ('user', 'assistant')
         AND rowid NOT IN (SELECT id FROM message_words_docsize)
       UNION ALL SELECT id, 'only in the index' FROM message_words_docsize WHERE id NOT IN (SELECT rowid FROM messages)`,
    ),
    // What the transcript says was used is what the account has, session by session.
    ...rows(
      db,
      `WITH told AS (
         SELECT session_id, sum(message -> '$.usage' ->> '$.totalTokens') AS tokens FROM messages
         WHERE message ->> '$.role' = 'assistant' GROUP BY session_id
       ), counted AS (SELECT session_id, sum(total_tokens) AS tokens FROM usage_daily GROUP BY session_id)
       SELECT told.session_id, told.tokens AS told, counted.tokens AS counted FROM told
       LEFT JOIN counted USING (session_id) WHERE told.tokens > coalesce(counted.tokens, 0)`,
    ),
    ...rows(db, "SELECT run_id, state FROM runs WHERE (ended_at IS NULL) <> (state IN ('queued', 'running'))"),
  ];
}
