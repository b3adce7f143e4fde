import { type ApprovalDecision, GatewayError } from "@openclaw-gateway/protocol";
import type { Audit } from "../audit/audit.ts";
import type { AuditBy } from "../audit/audit-entry.ts";
import type { EventPlane } from "../events/plane.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Approval, ApprovalsStore, NewApproval } from "./approvals-store.ts";

/** How a request ended; without a decision nobody answered, which is a no. */
export type Outcome = { decision: ApprovalDecision | null };

export interface ApprovalDesk {
  /** Commits a request and tells the approvers. `decided` always resolves: with the decision, or when the time is over. */
  open(approval: NewApproval, by: Caller): Promise<{ decided: Promise<Outcome> }>;
  /** The outcome of a request, as soon as there is one; undefined for an id that nobody ever asked about. */
  outcome(id: string): Promise<{ approval: Approval; decided: Promise<Outcome> } | undefined>;
  /** Records the first answer. Throws when there is nothing to answer. */
  resolve(id: string, decision: ApprovalDecision, by: Caller): Promise<void>;
  /** What waited when the last life of the gateway ended has lost who asked: it ends here, visibly. */
  recover(): Promise<void>;
  stop(): void;
}

/** The context of the call, for the audit log. */
type Caller = Exclude<AuditBy, "gateway" | { address: string }>;

/** How many requests may wait at the same time, and how many of one caller. */
const maxPending = 256;
const maxPendingOfOne = 64;
/** Who answers requests that a restart has ended. */
const restart = "gateway restart";

type Waiting = { approval: NewApproval; decided: PromiseWithResolvers<Outcome>; cancel: Cancel };

export function createApprovalDesk(deps: {
  store: ApprovalsStore;
  plane: Pick<EventPlane, "publish">;
  audit: Pick<Audit, "record">;
  clock: Clock;
  log: Log;
}): ApprovalDesk {
  const { store, plane, audit, clock, log } = deps;
  const waiting = new Map<string, Waiting>();
  const isRecovered = Promise.withResolvers<void>();
  isRecovered.promise.catch(() => undefined);

  function settle(id: string, outcome: Outcome): void {
    const entry = waiting.get(id);
    if (!entry) return;
    waiting.delete(id);
    entry.cancel();
    // After the answer of whoever decided: events first, then that answer, then the one of who waited.
    setImmediate(() => entry.decided.resolve(outcome));
  }

  async function expire(id: string): Promise<void> {
    try {
      await store.end(id, "expired", clock.now());
      await audit.record({ action: "approval.expired", by: "gateway", subject: id });
    } catch (error) {
      log.error({ id, err: error }, "the end of an approval request could not be recorded");
    }
    settle(id, { decision: null });
  }

  function tell(id: string, decision: ApprovalDecision, resolvedBy: string): void {
    plane.publish({
      event: "exec.approval.resolved",
      payload: { id, decision, resolvedBy, ts: clock.now() },
      audience: { kind: "all" },
    });
  }

  function admit(approval: NewApproval): Waiting {
    const { id, requestedBy } = approval;
    if (waiting.has(id)) throw alreadyPending();
    const ofOne = [...waiting.values()].filter((entry) => entry.approval.requestedBy === requestedBy).length;
    if (waiting.size >= maxPending || ofOne >= maxPendingOfOne) {
      throw new GatewayError("UNAVAILABLE", "too many approvals are waiting; decide some of them first", {
        retryable: true,
        retryAfterMs: 5_000,
        details: { reason: "too-many-pending" },
      });
    }
    const entry: Waiting = { approval, decided: Promise.withResolvers<Outcome>(), cancel: () => {} };
    waiting.set(id, entry);
    return entry;
  }

  async function endThoseOfTheLastLife(): Promise<void> {
    const now = clock.now();
    for (const { id, expiresAtMs } of await store.pending()) {
      await store.end(id, expiresAtMs <= now ? "expired" : "cancelled", now);
      await audit.record({ action: "approval.expired", by: "gateway", subject: id, detail: { reason: restart } });
      tell(id, "deny", restart);
    }
  }

  return {
    open: async (approval, by) => {
      await isRecovered.promise;
      const { id, request, createdAtMs, expiresAtMs } = approval;
      const entry = admit(approval);
      try {
        if (!(await store.add(approval))) throw alreadyPending();
      } catch (error) {
        waiting.delete(id);
        throw error;
      }
      const { agentId, resolvedPath, host } = request;
      await audit.record({
        action: "approval.requested",
        by,
        subject: id,
        detail: {
          ...(agentId && { agentId }),
          ...(resolvedPath && { program: resolvedPath }),
          ...(host && { host }),
        },
      });
      entry.cancel = clock.at(expiresAtMs, () => void expire(id));
      plane.publish({
        event: "exec.approval.requested",
        payload: { id, request, createdAtMs, expiresAtMs },
        audience: { kind: "all" },
      });
      return { decided: entry.decided.promise };
    },

    outcome: async (id) => {
      await isRecovered.promise;
      const entry = waiting.get(id);
      const approval = await store.get(id);
      if (!approval) return undefined;
      const decided = entry?.decided.promise ?? Promise.resolve({ decision: approval.decision ?? null });
      return { approval, decided };
    },

    resolve: async (id, decision, by) => {
      await isRecovered.promise;
      const isFirst = await store.decide(id, {
        decision,
        resolvedBy: by.principal.displayName,
        resolver: by.principal.id,
        at: clock.now(),
      });
      if (!isFirst) throw nothingToAnswer(await store.get(id));
      const action = decision === "deny" ? "approval.denied" : "approval.allowed";
      await audit.record({ action, by, subject: id, detail: { decision } });
      tell(id, decision, by.principal.displayName);
      settle(id, { decision });
    },

    recover: () => {
      endThoseOfTheLastLife().then(isRecovered.resolve, isRecovered.reject);
      return isRecovered.promise;
    },

    stop: () => {
      for (const { cancel } of waiting.values()) cancel();
    },
  };
}

const alreadyPending = (): GatewayError => new GatewayError("INVALID_REQUEST", "approval id already pending");

/** One text for clients that search for it; the details say what became of the request. */
function nothingToAnswer(known: Approval | undefined): GatewayError {
  return new GatewayError("INVALID_REQUEST", "unknown approval id", {
    details: known
      ? {
          reason: known.state === "pending" ? "expired" : known.state,
          decision: known.decision ?? null,
          resolvedBy: known.resolvedBy ?? null,
          explanation: explain(known),
        }
      : { reason: "unknown" },
  });
}

function explain({ state, decision, resolvedBy }: Approval): string {
  if (state === "cancelled") return "the gateway restarted before anybody answered; ask again";
  if (state === "pending" || state === "expired") return "nobody answered in time, which is a no; ask again";
  return `${resolvedBy ?? "somebody"} answered first: ${decision ?? state}`;
}
