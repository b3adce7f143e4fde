import { expect, test } from "vitest";
import type { Statement } from "../store/database.ts";
import { allMigrations } from "../store/migrations.ts";
import { openTestSqlite } from "../testing/test-databases.ts";
import { messageById, messagesAfter, messagesBetween, messagesOfRun } from "./messages.store.ts";
import { listSessions } from "./sessions.store.ts";

const before = { updatedAt: 5, key: "k" };
const statements: Record<string, Statement> = {
  "messages before": messagesBetween({ sessionId: "s", fromSeq: 1, beforeSeq: 100, limit: 10 }),
  "messages after": messagesAfter({ sessionId: "s", afterSeq: 100, limit: 10 }),
  "a message": messageById({ sessionId: "s", id: "m" }),
  "messages of a run": messagesOfRun({ runId: "resp_1" }),
  "sessions, first page": listSessions({ limit: 10, archived: false }),
  "sessions, next page": listSessions({ limit: 10, archived: false, before }),
  "sessions of an agent, next page": listSessions({ limit: 10, agentId: "main", archived: false, before }),
};

test.each(Object.entries(statements))("%s: read from an index in its order", async (_, { sql, parameters }) => {
  await using db = await openTestSqlite(allMigrations);
  const plan = await db.read<{ detail: string }>({ sql: `EXPLAIN QUERY PLAN ${sql}`, parameters });
  const lines = plan.map(({ detail }) => detail);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/USING (COVERING )?INDEX/);
  expect(lines.join()).not.toContain("TEMP B-TREE");
});
