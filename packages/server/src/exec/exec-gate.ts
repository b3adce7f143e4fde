import { randomUUID } from "node:crypto";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { ApprovalDecision, Params } from "@openclaw-gateway/protocol";
import { GatewayError } from "@openclaw-gateway/protocol";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { ExecClearance, ExecPort, ExecRequest, ExecReview } from "../runtime/exec-port.ts";
import { findCoverage, isInside } from "./allowlist.ts";
import type { ApprovalsFile } from "./approvals-file.ts";
import { childEnvironment, refusedNames, settableNames } from "./child-environment.ts";
import { type ExecPlan, makePlan, planHash, whatChanged } from "./exec-plan.ts";
import { parsePlainArgv } from "./plain-argv.ts";
import { decide, type ExecPolicy, type ExecRule, mayRunUnanswered, resolvePolicy } from "./policy.ts";

/** What runs a command that no shell-free form has. */
export const shellOf = (command: string): [string, ...string[]] => ["/bin/sh", "-c", command];

export type ExecSubject = { agentId: string; sessionKey: string };

export type ExecGateDeps = {
  file: ApprovalsFile;
  /** What configuration and session say about commands of an agent, and where they want them to run. */
  rulesFor(subject: ExecSubject): Promise<{ rules: readonly ExecRule[]; host: string | undefined }>;
  /** The method `exec.approval.request`, called for an agent; `accepted` is told when people can decide. */
  request(
    agentId: string,
    params: Params<"exec.approval.request">,
    accepted: (times: { createdAtMs: number; expiresAtMs: number }) => void,
  ): Promise<{ decision: ApprovalDecision | null }>;
  /** Uses an approval up for the plan it was given for. */
  use(approvalId: string, planHash: string): Promise<boolean>;
  /** Says something to a session and lets its agent go on. */
  say(subject: ExecSubject, text: string, key: string): Promise<void>;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Log;
};

/** The one way from an agent to a command of this machine: policy, allow-list, person, and the check before the run. */
export function createExecGate(deps: ExecGateDeps): (subject: ExecSubject) => ExecPort {
  const { file, clock, log, environment } = deps;

  async function prepare(subject: ExecSubject, { command, workspace, cwd, env = {} }: ExecRequest) {
    const refused = refusedNames(env);
    if (refused.length > 0) {
      throw refusal(`env: ${refused.join(", ")} may not be set; possible are ${settableNames.join(", ")}`);
    }
    const { rules, host } = await deps.rulesFor(subject);
    if (host !== undefined && host !== "gateway") {
      throw refusal(
        `commands of this session are to run on "${host}", which this gateway does not have; set host to "gateway"`,
      );
    }
    const policy = resolvePolicy((await file.read()).file, subject.agentId, rules);
    const plain = parsePlainArgv(command);
    const plan = await makePlan({
      argv: "argv" in plain ? plain.argv : shellOf(command),
      cwd: cwd === undefined ? workspace : resolve(workspace, cwd),
      env: childEnvironment(environment, env),
    });
    if ("problem" in plan) throw refusal(plan.problem);
    const miss = "problem" in plain ? plain.problem : await missOf(subject, workspace, policy, plan);
    return { policy, plan, miss };
  }

  /** Why the allow-list does not cover a plan; undefined when it does. */
  async function missOf(
    { agentId }: ExecSubject,
    workspace: string,
    { allowlist }: ExecPolicy,
    plan: ExecPlan,
  ): Promise<string | undefined> {
    const root = await realpath(workspace);
    if (!isInside(root, plan.cwd)) return `the folder ${plan.cwd} is outside the workspace`;
    const covered = await findCoverage(plan, allowlist, { workspace: root, nowMs: clock.now() });
    if ("miss" in covered) return covered.miss;
    noteUse(agentId, covered.entry.id, plan);
    return undefined;
  }

  /** When an entry was used last is for people to read: it may be a minute old, and a failure costs nothing. */
  function noteUse(agentId: string, entryId: string | undefined, plan: ExecPlan): void {
    const now = clock.now();
    if (entryId === undefined) return;
    file
      .read()
      .then(async ({ file: current }) => {
        for (const [owner, { allowlist }] of Object.entries(current.agents ?? {})) {
          const entry = allowlist?.find(({ id }) => id === entryId);
          if (!entry || (owner !== agentId && owner !== "*") || (entry.lastUsedAt ?? 0) > now - 60_000) continue;
          const used = {
            lastUsedAt: now,
            lastUsedCommand: plan.argv.join(" ").slice(0, 500),
            lastResolvedPath: plan.binary.path,
          };
          await file.update((each) => ({
            ...each,
            agents: {
              ...each.agents,
              [owner]: {
                ...each.agents?.[owner],
                allowlist: (each.agents?.[owner]?.allowlist ?? []).map((one) =>
                  one.id === entryId ? { ...one, ...used } : one,
                ),
              },
            },
          }));
        }
      })
      .catch((error: unknown) => log.warn({ err: error }, "the use of an allow-list entry could not be noted"));
  }

  const clearance = (plan: ExecPlan, approvalId?: string): ExecClearance => {
    let isClaimed = false;
    return {
      claim: async () => {
        if (isClaimed) throw new Error("this command was run already");
        isClaimed = true;
        const changed = await whatChanged(plan);
        if (changed !== undefined) throw new Error(`not run: ${changed} since it was decided`);
        if (approvalId !== undefined && !(await deps.use(approvalId, planHash(plan)))) {
          throw new Error("not run: what was approved is not this command");
        }
        return { file: plan.binary.path, argv: plan.argv, cwd: plan.cwd, env: plan.env };
      },
    };
  };

  async function ask(
    { agentId, sessionKey }: ExecSubject,
    { command, env }: ExecRequest,
    { policy, plan, miss }: Awaited<ReturnType<typeof prepare>>,
    because: string,
  ): Promise<ExecReview> {
    const approvalId = randomUUID();
    const accepted = Promise.withResolvers<{ expiresAtMs: number }>();
    const answer = deps.request(
      agentId,
      {
        id: approvalId,
        command,
        commandArgv: [...plan.argv],
        cwd: plan.cwd,
        host: plan.host,
        security: policy.security,
        ask: policy.ask,
        agentId,
        sessionKey,
        warningText: because,
        twoPhase: true,
        ...(env && Object.keys(env).length > 0 && { env: { ...env } }),
      },
      accepted.resolve,
    );
    answer.catch(accepted.reject);
    const decided = answer.then(
      ({ decision }) => {
        if (decision === "allow-once" || decision === "allow-always") return { clearance: clearance(plan, approvalId) };
        if (decision === "deny") return { refused: "a person denied this command" };
        if (mayRunUnanswered(policy, miss)) return { clearance: clearance(plan) };
        return { refused: "nobody answered in time, which is a no" };
      },
      (error: unknown) => ({ refused: `the request for approval failed: ${messageOf(error)}` }),
    );
    const { expiresAtMs } = await accepted.promise;
    return { status: "waiting", approvalId, expiresAtMs, cwd: plan.cwd, decided };
  }

  return (subject) => ({
    review: async (request) => {
      try {
        const prepared = await prepare(subject, request);
        const verdict = decide(prepared.policy, prepared.miss);
        switch (verdict.do) {
          case "run":
            return { status: "clear", clearance: clearance(prepared.plan) };
          case "refuse":
            return { status: "refused", reason: verdict.because };
          case "ask":
            return await ask(subject, request, prepared, verdict.because);
          default:
            return verdict satisfies never;
        }
      } catch (error) {
        if (error instanceof GatewayError) return { status: "refused", reason: error.message };
        throw error;
      }
    },
    report: (approvalId, text) => deps.say(subject, text, `exec-approval-${approvalId}`),
  });
}

const refusal = (reason: string): GatewayError => new GatewayError("INVALID_REQUEST", reason);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
