import { type AuditAction, type AuditKind, auditKinds } from "@openclaw-gateway/protocol";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Statement } from "../store/database.ts";
import { actorOf, type AuditEntry, auditText, detailOf } from "./audit-entry.ts";
import type { AuditRow, AuditStore } from "./audit.store.ts";
import { createTally, type Repeated, type Tally } from "./tally.ts";

/** Where everything that must be answered for later is told. */
export interface Audit {
  /** Writes one row. Resolves when it is on disk and never rejects: await it where the answer must not come before. */
  record(entry: AuditEntry): Promise<void>;
  /** The row as a statement for the transaction of the change itself: both are on disk, or neither. */
  statement(entry: AuditEntry): Statement;
  /** For what strangers can cause at will: the same again within some minutes becomes one row with a count. */
  tally(entry: AuditEntry): void;
}

/** Rows of the kinds that anybody can cause have a bound of their own, so that they never push out the others. */
const maxRows: Partial<Record<AuditKind, number>> = { connection: 20_000, access: 20_000 };
const defaultMaxRows = 100_000;
const maxAgeMs = 90 * 24 * 60 * 60_000;
const tallyWindowMs = 10 * 60_000;
const maxTallied = 64;
const firstPruneMs = 60_000;
const pruneIntervalMs = 60 * 60_000;

export function createAudit({ store, clock, log }: { store: AuditStore; clock: Clock; log: Log }) {
  /** Writes that have not resolved; a stop waits for them. */
  const pending = new Set<Promise<void>>();

  const rowOf = (entry: AuditEntry, at = clock.now()): AuditRow => {
    const detail = detailOf(entry);
    return {
      at,
      action: entry.action,
      actor: actorOf(entry.by),
      ...(entry.subject !== undefined && { subject: auditText(entry.subject) }),
      ...(detail && { detail }),
    };
  };

  function write(row: AuditRow): Promise<void> {
    const written = store
      .add([row])
      .catch((error: unknown) => log.error({ action: row.action, err: error }, "the audit log could not be written"))
      .finally(() => pending.delete(written));
    pending.add(written);
    return written;
  }

  const tell = ({ value, count, firstAt, lastAt }: Repeated<AuditEntry>): void =>
    void write({ ...rowOf(value, lastAt), count, ...(count > 1 && { firstAt }) });
  /** One for each action: a flood of refusals must not hide who connected. */
  const tallies = new Map<AuditAction, Tally<AuditEntry>>();
  function tallyOf(action: AuditAction): Tally<AuditEntry> {
    let tally = tallies.get(action);
    if (!tally) {
      tally = createTally({ clock, windowMs: tallyWindowMs, maxKeys: maxTallied, others: withoutActor, tell });
      tallies.set(action, tally);
    }
    return tally;
  }

  let cancelPrune: Cancel | undefined;
  function schedulePrune(delayMs: number): void {
    cancelPrune = clock.at(clock.now() + delayMs, () => {
      const retention = { rowsOf: (kind: AuditKind) => maxRows[kind] ?? defaultMaxRows, maxAgeMs };
      store
        .prune(auditKinds, retention, clock.now())
        .catch((error: unknown) => log.warn({ err: error }, "old rows of the audit log could not be removed"));
      schedulePrune(pruneIntervalMs);
    });
  }
  schedulePrune(firstPruneMs);

  return {
    record: (entry) => write(rowOf(entry)),
    statement: (entry) => store.insert(rowOf(entry)),
    tally: (entry) => tallyOf(entry.action).add(keyOf(entry), entry),
    list: store.list,
    /** Tells what was only counted and resolves when everything is on disk. */
    stop: async (): Promise<void> => {
      cancelPrune?.();
      for (const tally of tallies.values()) tally.flush();
      await Promise.all(pending);
    },
  } satisfies Audit & Record<string, unknown>;
}

/** Too many different ones at a time: who they were is not kept. */
const withoutActor = ({ action }: AuditEntry): AuditEntry => ({
  action,
  by: { address: "many" },
  detail: { note: "more different ones than are counted apart" },
});

function keyOf({ action, by, subject }: AuditEntry): string {
  const { id, address } = actorOf(by);
  return JSON.stringify([action, id, address, subject]);
}
