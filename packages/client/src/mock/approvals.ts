import {
  type ApprovalDecision,
  approvalDecisions,
  type EventName,
  type ExecApprovalsFile,
  GatewayError,
  type Payload,
  type PendingApproval,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../core/index.ts";
import type { Random } from "./random.ts";

type Request = PendingApproval["request"];
type Entry = PendingApproval & {
  status: "pending" | "approved" | "denied" | "expired" | "cancelled";
  decision: ApprovalDecision | null;
  resolvedBy: string | null;
  resolvedAtMs: number | null;
  readonly decided: Promise<void>;
  settle(status: Entry["status"], decision: ApprovalDecision | null, by: string | null): void;
};

export type Approvals = ReturnType<typeof createApprovals>;

const defaultTimeoutMs = 120_000;

/** Commands that wait for a person, and the policy that makes them wait. */
export function createApprovals(deps: {
  clock: Clock;
  random: Random;
  publish<E extends EventName>(event: E, payload: Payload<E>): void;
}) {
  const { clock, random, publish } = deps;
  const entries = new Map<string, Entry>();
  let policy: ExecApprovalsFile = { version: 1, defaults: { security: "full", ask: "off" }, agents: {} };

  function open(request: Request, timeoutMs = defaultTimeoutMs, id = random.id()): Entry {
    if (entries.has(id)) throw new GatewayError("INVALID_REQUEST", `approval id already in use: ${id}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const createdAtMs = clock.now();
    const times = { createdAtMs, expiresAtMs: createdAtMs + timeoutMs };
    const entry: Entry = {
      id,
      request,
      ...times,
      status: "pending",
      decision: null,
      resolvedBy: null,
      resolvedAtMs: null,
      decided: promise,
      settle: (status, decision, by) => {
        if (entry.status !== "pending") return;
        cancel();
        Object.assign(entry, { status, decision, resolvedBy: by, resolvedAtMs: clock.now() });
        if (decision !== null) publish("exec.approval.resolved", { id, decision, resolvedBy: by, ts: clock.now() });
        resolve();
      },
    };
    const cancel = clock.at(times.expiresAtMs, () => entry.settle("expired", null, null));
    entries.set(id, entry);
    publish("exec.approval.requested", { id, request, ...times });
    return entry;
  }

  return {
    open,
    find: (id: string): Entry | undefined => entries.get(id),
    all: (): Entry[] => [...entries.values()],
    /** What `exec` of a simulated agent does. */
    ask: async (asked: { command: string; sessionKey: string; agentId: string; signal: AbortSignal }) => {
      const { command, sessionKey, agentId, signal } = asked;
      const entry = open({ ...emptySubject, command, sessionKey, agentId, host: "gateway" });
      signal.addEventListener("abort", () => entry.settle("cancelled", null, null), { once: true });
      await entry.decided;
      return entry.decision;
    },
    resolve: (id: string, decision: string, by: string): void => {
      const known = approvalDecisions.find((each) => each === decision);
      if (known === undefined) throw new GatewayError("INVALID_REQUEST", "invalid decision");
      const entry = entries.get(id);
      if (entry?.status !== "pending") throw new GatewayError("INVALID_REQUEST", "unknown approval id");
      entry.settle(known === "deny" ? "denied" : "approved", known, by);
    },
    get policy() {
      return policy;
    },
    setPolicy: (next: ExecApprovalsFile): void => {
      policy = next;
    },
    asksBeforeExec: (): boolean => policy.defaults?.ask === "always" || policy.defaults?.ask === "on-miss",
  };
}

export const emptySubject = {
  cwd: null,
  host: null,
  security: null,
  ask: null,
  agentId: null,
  resolvedPath: null,
  sessionKey: null,
} as const;

/** An approval as lists show it. */
export const pendingOf = ({ id, request, createdAtMs, expiresAtMs }: Entry): PendingApproval => ({
  id,
  request,
  createdAtMs,
  expiresAtMs,
});
/** An approval with what became of it. */
export const decidedOf = (entry: Entry) => {
  const { status, decision, resolvedBy, resolvedAtMs } = entry;
  return { ...pendingOf(entry), status, decision, resolvedBy, resolvedAtMs };
};
export const decisionOf = ({ id, decision, createdAtMs, expiresAtMs }: Entry) => ({
  id,
  decision,
  createdAtMs,
  expiresAtMs,
});
