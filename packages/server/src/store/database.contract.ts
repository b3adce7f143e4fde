import { expect, test } from "vitest";
import type { Database, Migration, Statement } from "./database.ts";

export const contractMigrations: readonly Migration[] = [
  {
    id: 1,
    name: "notes",
    statements: ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT"],
  },
  {
    id: 2,
    name: "a second step",
    statements: ["CREATE TABLE blobs (id INTEGER PRIMARY KEY, bytes BLOB, amount REAL) STRICT"],
  },
];

export const sql = (text: string, ...parameters: unknown[]): Statement => ({ sql: text, parameters });
export const note = (text: string): Statement => sql("INSERT INTO notes (text) VALUES (?) RETURNING id", text);
export const notes = async (db: Database): Promise<string[]> =>
  (await db.read<{ text: string }>(sql("SELECT text FROM notes ORDER BY id"))).map(({ text }) => text);

/** What every engine below the stores must do; `open` gives an empty database with `contractMigrations`. */
export function databaseContract(open: () => Promise<Database & AsyncDisposable>): void {
  test("gives back rows and changes, statement by statement", async () => {
    await using db = await open();
    const results = await db.write([
      note("a"),
      note("b"),
      sql("UPDATE notes SET text = text || '!'"),
      sql("SELECT text FROM notes"),
    ]);
    expect(results).toEqual([
      { rows: [{ id: 1 }], changes: 1 },
      { rows: [{ id: 2 }], changes: 1 },
      { rows: [], changes: 2 },
      { rows: [{ text: "a!" }, { text: "b!" }], changes: 0 },
    ]);
  });

  test("reads and scans see every write that has resolved", async () => {
    await using db = await open();
    for (let index = 0; index < 20; index++) {
      await db.write([note(`n${index}`)]);
      expect(await notes(db)).toHaveLength(index + 1);
      expect(await db.scan(sql("SELECT count(*) AS count FROM notes"))).toEqual([{ count: index + 1 }]);
    }
  });

  test("keeps every kind of value", async () => {
    await using db = await open();
    const bytes = Uint8Array.of(0, 255, 7);
    await db.write([sql("INSERT INTO blobs (bytes, amount) VALUES (?, ?), (?, ?)", bytes, 0.5, null, true)]);
    const rows = await db.read<{ bytes: Uint8Array | null; amount: number }>(sql("SELECT bytes, amount FROM blobs"));
    expect(rows.map(({ amount }) => amount)).toEqual([0.5, 1]);
    expect([...rows[0]!.bytes!]).toEqual([0, 255, 7]);
    expect(rows[1]!.bytes).toBeNull();
  });

  test("a call is all or none", async () => {
    await using db = await open();
    await db.write([note("taken")]);
    await expect(db.write([note("new"), note("taken")])).rejects.toMatchObject({
      reason: "constraint",
      columns: ["notes.text"],
    });
    expect(await notes(db)).toEqual(["taken"]);
  });

  test("of calls made together the one that fails is rejected alone", async () => {
    await using db = await open();
    const calls = Array.from({ length: 200 }, (_, index) =>
      db.write(index === 70 ? [note("n70"), note("n3")] : [note(`n${index}`)]),
    );
    const settled = await Promise.allSettled(calls);
    expect(settled.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([70]);
    expect(await notes(db)).toEqual(
      Array.from({ length: 200 }, (_, index) => `n${index}`).filter((text) => text !== "n70"),
    );
  });

  test("calls take effect in the order in which they were made", async () => {
    await using db = await open();
    await Promise.all([
      db.write([note("a")]),
      db.write([sql("UPDATE notes SET text = 'b'")]),
      db.write([sql("UPDATE notes SET text = text || 'c'")]),
    ]);
    expect(await notes(db)).toEqual(["bc"]);
  });

  test("a wrong statement or value fails with a typed error and harms nothing", async () => {
    await using db = await open();
    const wrong = sql("SELECT nothing FROM nowhere");
    await expect(db.write([wrong])).rejects.toMatchObject({ name: "StorageError", reason: "statement" });
    await expect(db.read(wrong)).rejects.toMatchObject({ name: "StorageError", reason: "statement" });
    await expect(db.scan(wrong)).rejects.toMatchObject({ name: "StorageError", reason: "statement" });
    const calls = await Promise.allSettled([
      db.write([sql("INSERT INTO notes (text) VALUES (?)", () => {})]),
      db.write([note("fine")]),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(await notes(db)).toEqual(["fine"]);
  });

  test("more statements than are kept compiled still work", async () => {
    await using db = await open();
    for (let index = 0; index < 450; index++) {
      expect(await db.read(sql(`SELECT ${index} AS n${index}`))).toEqual([{ [`n${index}`]: index }]);
    }
    expect(await db.read(sql("SELECT 0 AS n0"))).toEqual([{ n0: 0 }]);
  });

  test("close ends what was begun and then refuses, and may come twice", async () => {
    await using db = await open();
    const last = db.write([note("last")]);
    await Promise.all([last, db.close(), db.close()]);
    expect((await last)[0]?.changes).toBe(1);
    for (const late of [
      () => db.write([note("late")]),
      () => db.read(sql("SELECT 1")),
      () => db.scan(sql("SELECT 1")),
    ]) {
      await expect(late()).rejects.toMatchObject({ name: "StorageError", reason: "closed" });
    }
  });
}
