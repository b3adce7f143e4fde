import {
  type AuditAction,
  auditActions,
  type AuditEvent,
  type AuditKind,
  auditKindOf,
} from "@openclaw-gateway/protocol";
import type { Database, Migration, Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { AuditActor } from "./audit-entry.ts";

/** A row before it has its number. */
export type AuditRow = {
  at: number;
  action: AuditAction;
  actor: AuditActor;
  subject?: string;
  detail?: Record<string, unknown>;
  count?: number;
  firstAt?: number;
};

export type AuditFilter = {
  kind?: AuditKind | undefined;
  action?: AuditAction | undefined;
  status?: AuditEvent["status"] | undefined;
  actor?: string | undefined;
  subject?: string | undefined;
  after?: number | undefined;
  before?: number | undefined;
  limit: number;
  /** Only rows with a smaller number. */
  cursor?: number | undefined;
};

/** What is kept: a number of rows of each kind, and an age in milliseconds. */
export type AuditRetention = { rowsOf(kind: AuditKind): number; maxAgeMs: number };

/** The durable rows of the audit log. */
export interface AuditStore {
  /** For the transaction of the change itself. */
  insert(row: AuditRow): Statement;
  add(rows: readonly AuditRow[]): Promise<void>;
  list(filter: AuditFilter): Promise<AuditEvent[]>;
  /** Removes what is too old or too much, in small steps; resolves with the number of rows. */
  prune(kinds: readonly AuditKind[], retention: AuditRetention, now: number): Promise<number>;
}

/** `actor` and `detail` are JSON. */
type Row = {
  id: number;
  at: number;
  kind: string;
  action: string;
  actor_id: string | null;
  actor: string;
  subject: string | null;
  detail: string | null;
  count: number;
  first_at: number | null;
};
type NewRow = Omit<Row, "id">;

/** Rows that leave in one step. */
const prunedAtOnce = 1_000;

export const auditMigrations: readonly Migration[] = [
  {
    id: 9,
    name: "audit log",
    statements: [
      // AUTOINCREMENT: a number is never used twice, not even after the newest rows were removed.
      `CREATE TABLE audit_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        action TEXT NOT NULL,
        actor_id TEXT,
        actor TEXT NOT NULL,
        subject TEXT,
        detail TEXT,
        count INTEGER NOT NULL,
        first_at INTEGER
      ) STRICT`,
      "CREATE INDEX audit_events_of_kind ON audit_events (kind, id)",
      "CREATE INDEX audit_events_by_time ON audit_events (at)",
    ],
  },
];

const query = createQuery<{ audit_events: NewRow & { id: number } }>();
/** The number comes from the database. */
const insertable = createQuery<{ audit_events: NewRow }>();

const insertOne = prepared<NewRow>((param) =>
  insertable.insertInto("audit_events").values({
    at: param("at"),
    kind: param("kind"),
    action: param("action"),
    actor_id: param("actor_id"),
    actor: param("actor"),
    subject: param("subject"),
    detail: param("detail"),
    count: param("count"),
    first_at: param("first_at"),
  }),
);

const removeOld = prepared<{ before: number; limit: number }>((param) =>
  query
    .deleteFrom("audit_events")
    .where("id", "in", (eb) =>
      eb.selectFrom("audit_events").select("id").where("at", "<", param("before")).orderBy("at").limit(param("limit")),
    ),
);

const removeBeyond = prepared<{ kind: string; keep: number; limit: number }>((param) =>
  query
    .deleteFrom("audit_events")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("audit_events")
        .select("id")
        .where("kind", "=", param("kind"))
        .orderBy("id", "desc")
        .limit(param("limit"))
        .offset(param("keep")),
    ),
);

function select(filter: AuditFilter): Statement {
  let rows = query.selectFrom("audit_events").selectAll().orderBy("id", "desc").limit(filter.limit);
  if (filter.cursor !== undefined) rows = rows.where("id", "<", filter.cursor);
  if (filter.kind !== undefined) rows = rows.where("kind", "=", filter.kind);
  if (filter.action !== undefined) rows = rows.where("action", "=", filter.action);
  if (filter.status !== undefined) rows = rows.where("action", "in", actionsOf(filter.status));
  if (filter.actor !== undefined) rows = rows.where("actor_id", "=", filter.actor);
  if (filter.subject !== undefined) rows = rows.where("subject", "=", filter.subject);
  if (filter.after !== undefined) rows = rows.where("at", ">=", filter.after);
  if (filter.before !== undefined) rows = rows.where("at", "<=", filter.before);
  return rows.compile();
}

const actionsOf = (status: AuditEvent["status"]): string[] =>
  Object.entries(auditActions).flatMap(([action, ends]) => (ends === status ? [action] : []));

const toRow = ({ at, action, actor, subject, detail, count = 1, firstAt }: AuditRow): NewRow => ({
  at,
  kind: auditKindOf(action),
  action,
  actor_id: actor.id ?? null,
  actor: JSON.stringify(actor),
  subject: subject ?? null,
  detail: detail ? JSON.stringify(detail) : null,
  count,
  first_at: firstAt ?? null,
});

function toEvent(row: Row): AuditEvent {
  const { id, at, kind, action, subject, detail, count, first_at: firstAt } = row;
  return {
    sequence: id,
    occurredAt: at,
    kind,
    action,
    // A row of a later version may tell an action that this one does not know.
    status: auditActions[action as AuditAction] ?? "succeeded",
    actor: JSON.parse(row.actor) as AuditActor,
    ...(subject !== null && { subject }),
    count,
    ...(firstAt !== null && { firstAt }),
    ...(detail !== null && { detail: JSON.parse(detail) as Record<string, unknown> }),
  };
}

export function createAuditStore(db: Database): AuditStore {
  const insert = (row: AuditRow): Statement => insertOne(toRow(row));

  async function repeat(statement: Statement): Promise<number> {
    let removed = 0;
    for (;;) {
      const [result] = await db.write([statement]);
      const changes = result?.changes ?? 0;
      removed += changes;
      if (changes < prunedAtOnce) return removed;
    }
  }

  return {
    insert,
    add: async (rows) => void (await db.write(rows.map(insert))),
    list: async (filter) => (await db.scan<Row>(select(filter))).map(toEvent),
    prune: async (kinds, { rowsOf, maxAgeMs }, now) => {
      let removed = await repeat(removeOld({ before: now - maxAgeMs, limit: prunedAtOnce }));
      for (const kind of kinds)
        removed += await repeat(removeBeyond({ kind, keep: rowsOf(kind), limit: prunedAtOnce }));
      return removed;
    },
  };
}
