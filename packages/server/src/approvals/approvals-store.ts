import type { ApprovalDecision, ApprovalSubject } from "@openclaw-gateway/protocol";

export type ApprovalState = "pending" | "approved" | "denied" | "expired" | "cancelled";

/** What `allow-always` would put on the allow-list of an agent. */
export type Grantable = { agentId: string; pattern: string; argv: readonly string[] };

export type NewApproval = {
  id: string;
  request: ApprovalSubject;
  /** Id of the principal that asked. */
  requestedBy: string;
  createdAtMs: number;
  expiresAtMs: number;
  /** Hash of what the gateway itself will run; absent when somebody else runs it. */
  planHash?: string;
  grantable?: Grantable;
};

export type Approval = NewApproval & {
  state: ApprovalState;
  decision?: ApprovalDecision;
  /** As the approver presents itself. */
  resolvedBy?: string;
  /** Id of the approver's principal. */
  resolver?: string;
  resolvedAtMs?: number;
};

export type Verdict = { decision: ApprovalDecision; resolvedBy: string; resolver: string; at: number };

/** Requests for approval and what became of them, kept over restarts. */
export interface ApprovalsStore {
  /** False when the id waits already. */
  add(approval: NewApproval): Promise<boolean>;
  /** The newest request of an id. */
  get(id: string): Promise<Approval | undefined>;
  /** What waits, the oldest first. */
  pending(): Promise<Approval[]>;
  /** What has ended, the newest first. */
  history(limit: number): Promise<Approval[]>;
  /** Records the first answer that comes in time; false for every other one. */
  decide(id: string, verdict: Verdict): Promise<boolean>;
  /** Ends a request that nobody answered; false when it has ended already. */
  end(id: string, state: "expired" | "cancelled", at: number): Promise<boolean>;
  /** Takes an approval for the one run it was given for; true once, and only for the very plan that was approved. */
  use(id: string, planHash: string, at: number): Promise<boolean>;
}
