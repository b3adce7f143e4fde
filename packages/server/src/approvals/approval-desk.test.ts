import type { ApprovalSubject } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import type { PublishedEvent } from "../events/engine.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Database } from "../store/database.ts";
import { allMigrations } from "../store/migrations.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { openTestMemory, openTestSqlite } from "../testing/test-databases.ts";
import { createApprovalDesk } from "./approval-desk.ts";
import { createApprovalsStore } from "./approvals.store.ts";

const request: ApprovalSubject = {
  command: "ls",
  cwd: null,
  host: null,
  security: null,
  ask: null,
  agentId: null,
  resolvedPath: null,
  sessionKey: null,
};
const approver = (id: string): { principal: Principal } => ({
  principal: { id, role: "operator", scopes: ["operator.approvals"], displayName: id, causedByAgent: false },
});

function openDesk(db: Database, clock = createManualClock()) {
  const events: PublishedEvent[] = [];
  const audited: string[] = [];
  const store = createApprovalsStore(db);
  const desk = createApprovalDesk({
    store,
    plane: { publish: (event) => void events.push(event) },
    clock,
    audit: { record: async ({ action }) => void audited.push(action) },
    log: silentLog,
  });
  const open = (id: string, over: { planHash?: string; requestedBy?: string } = {}) => {
    const times = { createdAtMs: clock.now(), expiresAtMs: clock.now() + 1_000 };
    return desk.open({ id, request, requestedBy: "agent:main", ...times, ...over }, approver("agent:main"));
  };
  const names = () =>
    events.map(({ event, payload }) => [event.split(".").at(-1), (payload as { id: string }).id].join(" "));
  return { desk, store, clock, events, audited, names, open };
}

describe.each([
  ["memory", openTestMemory],
  ["disk", openTestSqlite],
])("approvals in %s", (_, openDatabase) => {
  test("of several answers the first counts, and the others learn whose it was", async () => {
    await using db = await openDatabase(allMigrations);
    const { desk, store, open, names, audited } = openDesk(db);
    await desk.recover();
    const { decided } = await open("a");
    const answers = await Promise.allSettled(
      (["allow-once", "deny", "allow-always"] as const).map((decision, index) =>
        desk.resolve("a", decision, approver(`approver ${index}`)),
      ),
    );
    const won = answers.findIndex(({ status }) => status === "fulfilled");
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { decision } = await decided;
    for (const answer of answers) {
      if (answer.status === "fulfilled") continue;
      expect(answer.reason).toMatchObject({
        code: "INVALID_REQUEST",
        message: "unknown approval id",
        wire: { details: { decision, resolvedBy: `approver ${won}` } },
      });
    }
    expect(await store.get("a")).toMatchObject({
      decision,
      resolvedBy: `approver ${won}`,
      resolver: `approver ${won}`,
    });
    expect(names()).toEqual(["requested a", "resolved a"]);
    expect(audited).toEqual(["approval.requested", decision === "deny" ? "approval.denied" : "approval.allowed"]);
  });

  test("nobody answering in time is a no, and a later answer comes too late", async () => {
    await using db = await openDatabase(allMigrations);
    const { desk, store, clock, open } = openDesk(db);
    await desk.recover();
    const { decided } = await open("late");
    clock.advance(1_000);
    await expect(desk.resolve("late", "allow-once", approver("slow"))).rejects.toMatchObject({
      wire: { details: { reason: "expired" } },
    });
    expect(await decided).toEqual({ decision: null });
    expect(await store.get("late")).toMatchObject({ state: "expired" });
    expect(await store.pending()).toEqual([]);
  });

  test("what waited over a restart is ended visibly, and cannot be allowed afterwards", async () => {
    await using db = await openDatabase(allMigrations);
    const before = openDesk(db);
    await before.desk.recover();
    await before.open("waiting", { planHash: "p" });
    await before.open("answered", { planHash: "q" });
    await before.desk.resolve("answered", "allow-once", approver("somebody"));
    before.desk.stop();

    const after = openDesk(db, before.clock);
    const early = after.desk.resolve("waiting", "allow-once", approver("quick"));
    await Promise.all([after.desk.recover(), expect(early).rejects.toMatchObject({ message: "unknown approval id" })]);
    expect(after.events).toMatchObject([
      { event: "exec.approval.resolved", payload: { id: "waiting", decision: "deny", resolvedBy: "gateway restart" } },
    ]);
    expect(await after.store.get("waiting")).toMatchObject({ state: "cancelled" });
    expect(await after.desk.outcome("waiting").then((known) => known?.decided)).toEqual({ decision: null });
    await expect(after.desk.resolve("waiting", "allow-once", approver("late"))).rejects.toMatchObject({
      wire: { details: { reason: "cancelled", explanation: expect.stringContaining("restarted") } },
    });
    expect((await after.store.history(10)).map(({ id, state }) => `${id} ${state}`)).toEqual([
      "answered approved",
      "waiting cancelled",
    ]);
  });

  test("T-E1: an approval is used once, and only for the plan it was given for", async () => {
    await using db = await openDatabase(allMigrations);
    const { desk, store, open } = openDesk(db);
    await desk.recover();
    await open("a", { planHash: "this plan" });
    expect(await store.use("a", "this plan", 1)).toBe(false);
    await desk.resolve("a", "allow-once", approver("x"));
    expect(await store.use("a", "another plan", 1)).toBe(false);
    expect(await store.use("a", "this plan", 1)).toBe(true);
    expect(await store.use("a", "this plan", 1)).toBe(false);
    await open("b", { planHash: "this plan" });
    await desk.resolve("b", "deny", approver("x"));
    expect(await store.use("b", "this plan", 1)).toBe(false);
  });

  test("an id may come again when it is free", async () => {
    await using db = await openDatabase(allMigrations);
    const { desk, store, open } = openDesk(db);
    await desk.recover();
    await open("x");
    await expect(open("x")).rejects.toThrow("approval id already pending");
    await desk.resolve("x", "allow-once", approver("a"));
    await open("x");
    expect(await store.get("x")).toMatchObject({ state: "pending" });
    expect(await store.history(5)).toHaveLength(1);
  });
});

test("so many wait and no more, and one caller cannot take all the places", async () => {
  await using db = await openTestMemory(allMigrations);
  const { desk, open } = openDesk(db);
  await desk.recover();
  const ask = (count: number, who: string) =>
    Promise.allSettled(Array.from({ length: count }, (_, index) => open(`${who} ${index}`, { requestedBy: who })));
  const refused = (results: PromiseSettledResult<unknown>[]) => results.filter(({ status }) => status === "rejected");
  expect(refused(await ask(70, "one"))).toHaveLength(6);
  expect(refused(await ask(10, "two"))).toHaveLength(0);
  const [first] = refused(await ask(1, "one again".slice(0, 3)));
  expect(first).toMatchObject({ reason: { code: expect.stringMatching(/UNAVAILABLE|INVALID_REQUEST/) } });
  for (const who of ["three", "four", "five"]) await ask(64, who);
  expect(refused(await ask(5, "six"))).toMatchObject([
    { reason: { code: "UNAVAILABLE", wire: { retryable: true, details: { reason: "too-many-pending" } } } },
    ...Array.from({ length: 4 }, () => ({})),
  ]);
});
