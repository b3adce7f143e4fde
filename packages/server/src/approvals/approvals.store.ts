import type { ApprovalDecision, ApprovalSubject } from "@openclaw-gateway/protocol";
import type { Generated } from "kysely";
import type { Database } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { Approval, ApprovalsStore, ApprovalState, Grantable, NewApproval } from "./approvals-store.ts";

/** Ended requests that are kept. */
const kept = 1_000;

type Row = {
  id: string;
  state: ApprovalState;
  /** JSON. */
  request: string;
  requested_by: string;
  plan_hash: string | null;
  /** JSON. */
  grantable: string | null;
  created_at: number;
  expires_at: number;
  decision: ApprovalDecision | null;
  resolved_by: string | null;
  resolver: string | null;
  resolved_at: number | null;
  used_at: number | null;
};
type Table = Row & { seq: Generated<number> };

const query = createQuery<{ approvals: Table }>();

const insertOne = prepared<Omit<Row, "state" | "decision" | "resolved_by" | "resolver" | "resolved_at" | "used_at">>(
  (param) =>
    query
      .insertInto("approvals")
      .orIgnore()
      .values({
        id: param("id"),
        state: "pending",
        request: param("request"),
        requested_by: param("requested_by"),
        plan_hash: param("plan_hash"),
        grantable: param("grantable"),
        created_at: param("created_at"),
        expires_at: param("expires_at"),
      }),
);

const pruneEnded = query
  .deleteFrom("approvals")
  .where("seq", "in", (eb) =>
    eb
      .selectFrom("approvals")
      .select("seq")
      .where("state", "<>", "pending")
      .orderBy("seq", "desc")
      .limit(16)
      .offset(kept),
  )
  .compile();

const newestOf = prepared<{ id: string }>((param) =>
  query.selectFrom("approvals").selectAll().where("id", "=", param("id")).orderBy("seq", "desc").limit(1),
);

const allPending = query.selectFrom("approvals").selectAll().where("state", "=", "pending").orderBy("seq").compile();

const ended = prepared<{ limit: number }>((param) =>
  query
    .selectFrom("approvals")
    .selectAll()
    .where("state", "<>", "pending")
    .orderBy("seq", "desc")
    .limit(param("limit")),
);

const decideOne = prepared<{
  id: string;
  state: ApprovalState;
  decision: ApprovalDecision;
  resolvedBy: string;
  resolver: string;
  at: number;
}>((param) =>
  query
    .updateTable("approvals")
    .set({
      state: param("state"),
      decision: param("decision"),
      resolved_by: param("resolvedBy"),
      resolver: param("resolver"),
      resolved_at: param("at"),
    })
    .where("id", "=", param("id"))
    .where("state", "=", "pending")
    .where("expires_at", ">", param("at")),
);

const endOne = prepared<{ id: string; state: ApprovalState; at: number }>((param) =>
  query
    .updateTable("approvals")
    .set({ state: param("state"), resolved_at: param("at") })
    .where("id", "=", param("id"))
    .where("state", "=", "pending"),
);

const useOne = prepared<{ id: string; planHash: string; at: number }>((param) =>
  query
    .updateTable("approvals")
    .set({ used_at: param("at") })
    .where("id", "=", param("id"))
    .where("state", "=", "approved")
    .where("plan_hash", "=", param("planHash"))
    .where("used_at", "is", null),
);

export function createApprovalsStore(db: Database): ApprovalsStore {
  const changed = async (statement: Parameters<Database["write"]>[0][number]): Promise<boolean> => {
    const [result] = await db.write([statement]);
    return result?.changes === 1;
  };
  return {
    add: async (approval) => {
      const [, inserted] = await db.write([pruneEnded, insertOne(toRow(approval))]);
      return inserted?.changes === 1;
    },
    get: async (id) => {
      const [row] = await db.read<Row>(newestOf({ id }));
      return row && toApproval(row);
    },
    pending: async () => (await db.read<Row>(allPending)).map(toApproval),
    history: async (limit) => (await db.read<Row>(ended({ limit }))).map(toApproval),
    decide: (id, { decision, ...verdict }) =>
      changed(decideOne({ id, decision, state: decision === "deny" ? "denied" : "approved", ...verdict })),
    end: (id, state, at) => changed(endOne({ id, state, at })),
    use: (id, planHash, at) => changed(useOne({ id, planHash, at })),
  };
}

const toRow = ({ id, request, requestedBy, createdAtMs, expiresAtMs, planHash, grantable }: NewApproval) => ({
  id,
  request: JSON.stringify(request),
  requested_by: requestedBy,
  plan_hash: planHash ?? null,
  grantable: grantable ? JSON.stringify(grantable) : null,
  created_at: createdAtMs,
  expires_at: expiresAtMs,
});

const toApproval = (row: Row): Approval => ({
  id: row.id,
  state: row.state,
  request: JSON.parse(row.request) as ApprovalSubject,
  requestedBy: row.requested_by,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
  ...(row.plan_hash !== null && { planHash: row.plan_hash }),
  ...(row.grantable !== null && { grantable: JSON.parse(row.grantable) as Grantable }),
  ...(row.decision !== null && { decision: row.decision }),
  ...(row.resolved_by !== null && { resolvedBy: row.resolved_by }),
  ...(row.resolver !== null && { resolver: row.resolver }),
  ...(row.resolved_at !== null && { resolvedAtMs: row.resolved_at }),
});
