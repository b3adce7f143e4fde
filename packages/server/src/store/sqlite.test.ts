import { once } from "node:events";
import { chmod, mkdir, open, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import { contractMigrations, note, notes, sql } from "./database.contract.ts";
import { openSqlite } from "./sqlite.ts";
import { NewerSchemaError } from "./storage-error.ts";

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe("files", () => {
  test.each([0, 0o277])("belong to their owner alone under umask %i", async (umask) => {
    await using folder = await createTempFolder();
    const state = join(folder.path, "state");
    const before = process.umask(umask);
    try {
      const db = await openSqlite({ path: join(state, "gateway.db"), migrations: contractMigrations });
      await db.write([note("a")]);
      await db.backup(join(folder.path, "copy.db"));
      const modes = await Promise.all(
        (await readdir(state)).map(async (name) => [name, await modeOf(join(state, name))]),
      );
      expect(Object.fromEntries(modes)).toEqual({
        "gateway.db": "600",
        "gateway.db-shm": "600",
        "gateway.db-wal": "600",
      });
      expect(await modeOf(state)).toBe("700");
      expect(await modeOf(join(folder.path, "copy.db"))).toBe("600");
      await db.close();
    } finally {
      process.umask(before);
    }
  });

  test("of an earlier program are narrowed; a folder that was there stays as it is", async () => {
    await using folder = await createTempFolder();
    const state = join(folder.path, "state");
    await mkdir(state);
    await chmod(state, 0o755);
    const path = join(state, "gateway.db");
    await writeFile(path, "", { mode: 0o644 });
    const db = await openSqlite({ path, migrations: contractMigrations });
    await db.close();
    expect([await modeOf(path), await modeOf(state)]).toEqual(["600", "755"]);
  });

  test("are one after close: the log is emptied and gone", async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, "gateway.db");
    const db = await openSqlite({ path, migrations: contractMigrations });
    await db.write([note("a")]);
    await db.close();
    expect(await readdir(folder.path)).toEqual(["gateway.db"]);
    const again = await openSqlite({ path, migrations: contractMigrations });
    expect(await notes(again)).toEqual(["a"]);
    await again.close();
  });
});

test("500 writes made together make one short log, not 500 commits", async () => {
  await using folder = await createTempFolder();
  const path = join(folder.path, "gateway.db");
  const db = await openSqlite({ path, migrations: contractMigrations });
  await db.write([note("first")]);
  const before = (await stat(`${path}-wal`)).size;
  await Promise.all(Array.from({ length: 500 }, (_, index) => db.write([note(`n${index}`)])));
  // A commit of its own adds at least one page of 4 kB for each.
  expect((await stat(`${path}-wal`)).size - before).toBeLessThan(100 * 4096);
  await db.close();
});

describe("schema", () => {
  test("of a newer program is refused and left alone", async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, "gateway.db");
    const newer = await openSqlite({
      path,
      migrations: [...contractMigrations, { id: 9, name: "later", statements: [] }],
    });
    await newer.close();
    const opening = openSqlite({ path, migrations: contractMigrations });
    await expect(opening).rejects.toBeInstanceOf(NewerSchemaError);
    await expect(opening).rejects.toThrow(/schema 9.*up to 2/);
  });

  test("a step that fails is undone; the steps before it stay and it can be tried again", async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, "gateway.db");
    const [first, second] = contractMigrations;
    const broken = { id: 2, name: "broken", statements: ["CREATE TABLE half (id INTEGER)", "CREATE NONSENSE"] };
    await expect(openSqlite({ path, migrations: [first!, broken] })).rejects.toMatchObject({ reason: "statement" });
    const db = await openSqlite({ path, migrations: [first!, second!] });
    expect(await db.read(sql("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"))).toEqual([
      { name: "blobs" },
      { name: "notes" },
    ]);
    await db.close();
  });
});

describe("backup", () => {
  test("is whole and of one moment while writes go on", async () => {
    await using folder = await createTempFolder();
    const db = await openSqlite({ path: join(folder.path, "gateway.db"), migrations: contractMigrations });
    const acknowledged: string[] = [];
    let isCopying = true;
    const writing = (async () => {
      for (let index = 0; isCopying; index++) {
        await db.write([note(`a${index}`), note(`b${index}`)]);
        acknowledged.push(`a${index}`, `b${index}`);
      }
    })();
    while (acknowledged.length < 20) await db.write([]);
    const known = [...acknowledged];
    await db.backup(join(folder.path, "copy.db"));
    isCopying = false;
    await writing;
    const copy = new DatabaseSync(join(folder.path, "copy.db"), { readOnly: true });
    const texts = copy
      .prepare("SELECT text FROM notes ORDER BY id")
      .all()
      .map(({ text }) => text);
    copy.close();
    expect(texts.slice(0, known.length)).toEqual(known);
    expect(texts.length % 2).toBe(0);
    expect(await readdir(folder.path)).not.toContain("copy.db.partial");
    await db.close();
  });

  test("never replaces the database itself, and a failed one leaves nothing", async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, "gateway.db");
    const db = await openSqlite({ path, migrations: contractMigrations });
    await expect(db.backup(path)).rejects.toThrow(/the database itself/);
    await expect(db.backup(folder.path)).rejects.toMatchObject({ name: "StorageError" });
    await db.write([note("still here")]);
    expect((await readdir(folder.path)).filter((name) => !name.startsWith("gateway.db"))).toEqual([]);
    await db.close();
  });
});

/** Starts as the real worker does and dies when a statement says so. */
const dyingWorker = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", (calls) => { if (JSON.stringify(calls).includes("die now")) process.exit(3); });
    await import(${JSON.stringify(new URL("sqlite-worker.ts", import.meta.url).href)});
  `)}`,
);

describe("trouble", () => {
  async function openDying(folder: string, restartDelaysMs: readonly number[]) {
    const states: string[] = [];
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    const db = await openSqlite({
      path: join(folder, "gateway.db"),
      migrations: contractMigrations,
      workerUrl: dyingWorker,
      onState: ({ at }) => {
        states.push(at);
        if (at === "lost") resolve();
      },
      restartDelaysMs,
    });
    return { db, states, lost };
  }

  test("a writer that dies rejects what it had in hand and comes back; what came meanwhile is written in order", async () => {
    await using folder = await createTempFolder();
    const { db, states } = await openDying(folder.path, [0, 0]);
    await db.write([note("kept")]);
    await expect(db.write([note("die now")])).rejects.toMatchObject({ reason: "writer-lost" });
    const [scanned] = await Promise.all([
      db.scan(sql("SELECT text FROM notes")),
      db.write([note("a")]),
      db.write([note("b")]),
    ]);
    expect(scanned).toContainEqual({ text: "kept" });
    expect(await notes(db)).toEqual(["kept", "a", "b"]);
    expect(states).toEqual(["restarting", "restored"]);
    await expect(db.write([note("die now")])).rejects.toMatchObject({ reason: "writer-lost" });
    await db.write([note("c")]);
    expect(await notes(db)).toEqual(["kept", "a", "b", "c"]);
    await db.close();
  });

  test("a writer that keeps dying is given up after its attempts; reads go on and writes say so", async () => {
    await using folder = await createTempFolder();
    const { db, states, lost } = await openDying(folder.path, [0]);
    await db.write([note("kept")]);
    await expect(db.write([note("die now")])).rejects.toMatchObject({ reason: "writer-lost" });
    await expect(db.write([note("die now")])).rejects.toMatchObject({ reason: "writer-lost" });
    await lost;
    await expect(db.write([note("later")])).rejects.toMatchObject({ reason: "writer-lost" });
    expect(await notes(db)).toEqual(["kept"]);
    expect(states).toEqual(["restarting", "restored", "restarting", "lost"]);
    await db.close();
  });

  test("closed while its writer is started again, it ends", async () => {
    await using folder = await createTempFolder();
    const { db, states } = await openDying(folder.path, [50]);
    await expect(db.write([note("die now")])).rejects.toMatchObject({ reason: "writer-lost" });
    const late = db.write([note("late")]);
    await Promise.all([db.close(), expect(late).rejects.toMatchObject({ reason: "closed" })]);
    expect(states).toEqual(["restarting"]);
  });

  test("a damaged page stops every write; other tables can still be read and the owner hears once", async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, "gateway.db");
    const whole = await openSqlite({ path, migrations: contractMigrations });
    await whole.write([note("a"), sql("INSERT INTO blobs (amount) VALUES (1)")]);
    const [table] = await whole.read<{ page: number }>(
      sql("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'notes'"),
    );
    await whole.close();
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(4096, 0xff), 0, 4096, (table!.page - 1) * 4096);
    await file.close();

    const states: string[] = [];
    const db = await openSqlite({ path, migrations: contractMigrations, onState: ({ at }) => states.push(at) });
    const blob = sql("INSERT INTO blobs (amount) VALUES (2)");
    expect((await db.write([blob]))[0]?.changes).toBe(1);
    await expect(db.write([note("b")])).rejects.toMatchObject({ reason: "corrupt" });
    await expect(db.write([blob])).rejects.toMatchObject({ reason: "corrupt" });
    expect(await db.read(sql("SELECT amount FROM blobs"))).toEqual([{ amount: 1 }, { amount: 2 }]);
    await expect(notes(db)).rejects.toMatchObject({ reason: "corrupt" });
    expect(states).toEqual(["damaged"]);
    await expect(db.backup(join(folder.path, "copy.db"))).rejects.toMatchObject({ reason: "corrupt" });
    await db.close();
  });

  test("a file that is no database is refused and not touched", async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, "gateway.db");
    await writeFile(path, "not a database at all, but long enough to be looked at as if it were one".repeat(20));
    const before = (await stat(path)).size;
    await expect(openSqlite({ path, migrations: contractMigrations })).rejects.toMatchObject({ reason: "corrupt" });
    expect((await stat(path)).size).toBe(before);
  });

  test("an open database does not keep a process alive; a write that waits does", async () => {
    const { spawn } = await import("node:child_process");
    await using folder = await createTempFolder();
    const program = `
      import { openSqlite } from ${JSON.stringify(new URL("sqlite.ts", import.meta.url).href)};
      const db = await openSqlite({ path: process.argv[1], migrations: [{ id: 1, name: "t", statements: ["CREATE TABLE t (a)"] }] });
      db.write([{ sql: "INSERT INTO t VALUES (1)", parameters: [] }]).then(() => process.stdout.write("written"));
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, join(folder.path, "gateway.db")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = await once(child, "close");
    expect([code, printed]).toEqual([0, "written"]);
  });
});
