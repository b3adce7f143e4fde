import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allMigrations } from "../store/migrations.ts";
import { openSqlite } from "../store/sqlite.ts";
import { createTempFolder } from "../testing/test-databases.ts";
import { createConversationStore } from "./conversation.store.ts";

const program = fileURLToPath(new URL("../testing/append-until-killed.ts", import.meta.url));
/** Lives of each of the two files; more are for a long run by hand. */
const lives = Number(process.env["KILL_TEST_LIVES"] ?? 4);

/** Lets a process write for a random while, kills it, and gives back what it had been told is on disk. */
async function liveAndDie(path: string, life: string, cache: string): Promise<string[]> {
  const child = spawn(process.execPath, [program, path, life], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const closed = once(child, "close");
  await Promise.race([once(child.stdout, "data"), closed]);
  await sleep(Math.random() * 60);
  child.kill("SIGKILL");
  await closed;
  return printed.split("\n").slice(0, -1);
}

test(
  "killed at any moment, again and again, no acknowledged message is lost and the file is whole",
  { timeout: 20_000 + lives * 10_000 },
  async () => {
    await using folder = await createTempFolder();
    const cache = join(folder.path, "cache");

    /** Two files with their processes at the same time, each through its lives. */
    async function liveThrough(name: string): Promise<void> {
      const path = join(folder.path, `${name}.db`);
      const acknowledged: string[] = [];
      for (let life = 0; life < lives; life++) {
        const told = await liveAndDie(path, `${name}${life}`, cache);
        expect(told.length).toBeGreaterThan(0);
        acknowledged.push(...told);
        const db = await openSqlite({ path, migrations: allMigrations });
        expect(await db.scan({ sql: "PRAGMA integrity_check", parameters: [] })).toEqual([{ integrity_check: "ok" }]);
        const store = createConversationStore(db);
        const found = new Set<string>();
        for (const session of await store.sessions({ limit: 100 })) {
          const history = await store.history(session.sessionId, { limit: 1_000_000 });
          expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
          expect(session.messageCount).toBe(history.length);
          for (const { id } of history) found.add(`${session.sessionId.slice(1)} ${id}`);
        }
        await db.close();
        expect(acknowledged.filter((line) => !found.has(line))).toEqual([]);
      }
    }
    await Promise.all([liveThrough("a"), liveThrough("b")]);
  },
);
