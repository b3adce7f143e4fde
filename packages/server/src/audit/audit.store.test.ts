import { auditKinds } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import { allMigrations } from "../store/migrations.ts";
import { openTestMemory, openTestSqlite } from "../testing/test-databases.ts";
import { type AuditRow, createAuditStore } from "./audit.store.ts";

const row = (at: number, over: Partial<AuditRow> = {}): AuditRow => ({
  at,
  action: "device.paired",
  actor: { type: "client", id: "shared:cli", name: "cli", address: "127.0.0.1" },
  ...over,
});
const keepAll = { rowsOf: () => 1_000_000, maxAgeMs: Number.MAX_SAFE_INTEGER };

describe.each([
  ["in memory", openTestMemory],
  ["on disk", openTestSqlite],
] as const)("the audit log %s", (_where, open) => {
  test("is read newest first, by page, with every filter", async () => {
    await using db = await open(allMigrations);
    const store = createAuditStore(db);
    await store.add([
      row(10),
      row(20, { action: "connection.refused", actor: { type: "unknown", address: "10.0.0.1" }, count: 7, firstAt: 12 }),
      row(30, { action: "agent.created", subject: "helper", detail: { fields: ["name"] } }),
      row(40, { actor: { type: "device", id: "d1", name: "phone" } }),
    ]);
    const at = async (filter: Partial<Parameters<typeof store.list>[0]>) =>
      (await store.list({ limit: 10, ...filter })).map(({ occurredAt }) => occurredAt);
    expect(await at({})).toEqual([40, 30, 20, 10]);
    expect(await at({ limit: 2 })).toEqual([40, 30]);
    const [, last] = await store.list({ limit: 2 });
    expect(await at({ limit: 2, cursor: last?.sequence })).toEqual([20, 10]);
    expect(await at({ kind: "device" })).toEqual([40, 10]);
    expect(await at({ action: "agent.created" })).toEqual([30]);
    expect(await at({ status: "blocked" })).toEqual([20]);
    expect(await at({ actor: "d1" })).toEqual([40]);
    expect(await at({ subject: "helper" })).toEqual([30]);
    expect(await at({ after: 20, before: 30 })).toEqual([30, 20]);
    expect(await store.list({ limit: 1, action: "connection.refused" })).toMatchObject([
      { kind: "connection", status: "blocked", actor: { address: "10.0.0.1" }, count: 7, firstAt: 12 },
    ]);
  });

  test("a row goes with the transaction of the change, or not at all", async () => {
    await using db = await open(allMigrations);
    const store = createAuditStore(db);
    const change = { sql: "INSERT INTO user_preferences VALUES ('o', 'n', '1')", parameters: [] };
    await db.write([change, store.insert(row(1))]);
    await expect(db.write([store.insert(row(2)), change])).rejects.toThrow("UNIQUE constraint");
    expect(await store.list({ limit: 10 })).toHaveLength(1);
  });

  test("old rows leave, and of each kind only so many stay", async () => {
    await using db = await open(allMigrations);
    const store = createAuditStore(db);
    await store.add(Array.from({ length: 1_500 }, (_, at) => row(at, { action: "connection.opened" })));
    await store.add(Array.from({ length: 30 }, (_, at) => row(2_000 + at)));
    expect(await store.prune(auditKinds, keepAll, 3_000)).toBe(0);
    const few = { rowsOf: (kind: string) => (kind === "connection" ? 5 : 100), maxAgeMs: Number.MAX_SAFE_INTEGER };
    expect(await store.prune(auditKinds, few, 3_000)).toBe(1_495);
    expect((await store.list({ limit: 100, kind: "connection" })).map(({ occurredAt }) => occurredAt)).toEqual([
      1_499, 1_498, 1_497, 1_496, 1_495,
    ]);
    expect(await store.prune(auditKinds, { ...keepAll, maxAgeMs: 1_000 }, 3_010)).toBe(15);
    const [newest] = await store.list({ limit: 1 });
    await store.prune(auditKinds, { ...keepAll, maxAgeMs: 0 }, 9_999);
    await store.add([row(10_000)]);
    expect((await store.list({ limit: 10 })).map(({ sequence }) => sequence)).toEqual([(newest?.sequence ?? 0) + 1]);
  });
});
