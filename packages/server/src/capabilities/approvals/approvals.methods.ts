import { randomUUID } from "node:crypto";
import {
  type ApprovalDecision,
  approvalDecisions,
  GatewayError,
  methodGroups,
  type PendingApproval,
  showArgv,
} from "@openclaw-gateway/protocol";
import type { ApprovalDesk } from "../../approvals/approval-desk.ts";
import type { Approval, ApprovalsStore } from "../../approvals/approvals-store.ts";
import type { ApprovalsFile } from "../../exec/approvals-file.ts";
import type { Audit } from "../../audit/audit.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { implement, type RequestContext } from "../../rpc/handler.ts";
import { addGrant, grantsOf } from "./grants.ts";
import { createPolicyMethods } from "./policy.methods.ts";
import { examine } from "./examine.ts";

const defaultTimeoutMs = 120_000;

/** Decisions that wait for a person, and the policy that says when one is asked. */
export function createApprovals(deps: {
  desk: ApprovalDesk;
  store: ApprovalsStore;
  file: ApprovalsFile;
  environment: Readonly<Record<string, string | undefined>>;
  audit: Pick<Audit, "record">;
  clock: Clock;
  log: Log;
}) {
  const { desk, store, file, clock, log } = deps;

  async function resolve(
    id: string,
    given: string,
    days: number | undefined,
    by: RequestContext,
  ): Promise<{ ok: true }> {
    const decision = approvalDecisions.find((each) => each === given);
    if (!decision) throw new GatewayError("INVALID_REQUEST", "invalid decision");
    const approval = await store.get(id);
    if (decision === "allow-always" && approval?.request.unavailableDecisions?.includes(decision)) {
      throw new GatewayError("INVALID_REQUEST", "allow-always is not possible for this command; use allow-once", {
        details: { reason: "decision-unavailable", decision },
      });
    }
    await desk.resolve(id, decision, by);
    if (decision === "allow-always" && approval?.grantable) {
      await addGrant(file, approval.grantable, { now: clock.now(), days }).catch((error: unknown) =>
        log.error({ approval: id, err: error }, "the command is allowed once; it could not be put on the allow-list"),
      );
    }
    return { ok: true };
  }

  const pending = async (): Promise<PendingApproval[]> => {
    const now = clock.now();
    return (await store.pending()).filter(({ expiresAtMs }) => expiresAtMs > now).map(toPending);
  };

  return implement(methodGroups.approvals, {
    ...createPolicyMethods(file, deps.audit),

    "exec.approval.request": async (params, ctx) => {
      const { id = randomUUID(), command, commandArgv, timeoutMs = defaultTimeoutMs, twoPhase } = params;
      const examined = await examine(params, deps.environment);
      const createdAtMs = clock.now();
      const times = { createdAtMs, expiresAtMs: createdAtMs + timeoutMs };
      const { decided } = await desk.open(
        {
          id,
          request: {
            // Who shows the text alone must show what runs.
            command: commandArgv && !examined.isWhatItSays ? showArgv(commandArgv) : command,
            ...(commandArgv && { commandArgv }),
            cwd: examined.plan?.cwd ?? params.cwd ?? null,
            host: params.host ?? null,
            security: params.security ?? null,
            ask: params.ask ?? null,
            agentId: params.agentId ?? null,
            resolvedPath: examined.plan?.binary.path ?? params.resolvedPath ?? null,
            sessionKey: params.sessionKey ?? null,
            ...(params.env && { env: params.env }),
            ...(params.warningText && { warningText: params.warningText }),
            ...(examined.plan && !examined.grantable && { unavailableDecisions: ["allow-always"] }),
          },
          requestedBy: ctx.principal.id,
          ...times,
          ...(examined.planHash !== undefined && { planHash: examined.planHash }),
          ...(examined.grantable && { grantable: examined.grantable }),
        },
        ctx,
      );
      if (twoPhase) ctx.accept({ status: "accepted", id, ...times });
      return { id, decision: (await decided).decision, ...times };
    },

    "exec.approval.waitDecision": async ({ id, timeoutMs }, { signal }) => {
      const known = await desk.outcome(id);
      if (!known) throw new GatewayError("INVALID_REQUEST", "approval expired or not found");
      const { createdAtMs, expiresAtMs } = known.approval;
      const decision = await firstOf(known.decided, timeoutMs, signal);
      return { id, decision, createdAtMs, expiresAtMs };
    },

    "exec.approval.resolve": ({ id, decision, grantExpiresInDays }, ctx) =>
      resolve(id, decision, grantExpiresInDays, ctx),

    "exec.approvals.resolve": ({ id, decision, approved, grantExpiresInDays }, ctx) => {
      const given = decision ?? (approved === undefined ? "" : approved ? "allow-once" : "deny");
      return resolve(id, given, grantExpiresInDays, ctx);
    },

    "exec.approval.get": async ({ id }) => {
      const approval = await store.get(id);
      if (!approval) throw new GatewayError("INVALID_REQUEST", "approval expired or not found");
      return toRecord(approval, clock.now());
    },

    "exec.approval.list": pending,
    "exec.approvals.list": async () => ({ approvals: await pending() }),
    "exec.approval.grants.list": async () => ({ grants: grantsOf((await file.read()).file) }),
    "approval.history": async ({ limit = 50 }) => ({
      items: (await store.history(limit)).map((approval) => toRecord(approval, clock.now())),
    }),

    // No plugin and no part of the gateway asks yet.
    "plugin.approval.list": () => [],
    "openclaw.approval.list": () => [],
    "question.list": () => ({ questions: [] }),
  });

  async function firstOf(
    decided: Promise<{ decision: ApprovalDecision | null }>,
    timeoutMs: number | undefined,
    signal: AbortSignal,
  ): Promise<ApprovalDecision | null> {
    const { promise: over, resolve: end } = Promise.withResolvers<{ decision: null }>();
    const cancel =
      timeoutMs === undefined ? undefined : clock.at(clock.now() + timeoutMs, () => end({ decision: null }));
    signal.addEventListener("abort", () => end({ decision: null }), { once: true });
    const { decision } = await Promise.race([decided, over]);
    cancel?.();
    return decision;
  }
}

const toPending = ({ id, request, createdAtMs, expiresAtMs }: Approval): PendingApproval => ({
  id,
  request,
  createdAtMs,
  expiresAtMs,
});

const toRecord = (approval: Approval, now: number) => ({
  ...toPending(approval),
  status: approval.state === "pending" && approval.expiresAtMs <= now ? ("expired" as const) : approval.state,
  decision: approval.decision ?? null,
  resolvedBy: approval.resolvedBy ?? null,
  resolvedAtMs: approval.resolvedAtMs ?? null,
});
