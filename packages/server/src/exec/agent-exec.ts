import type { MethodName, Result } from "@openclaw-gateway/protocol";
import type { ApprovalsStore } from "../approvals/approvals-store.ts";
import type { Conversations } from "../conversations/conversations.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Call } from "../rpc/router.ts";
import type { Principal } from "../rpc/principal.ts";
import type { ExecPort } from "../runtime/exec-port.ts";
import type { ExecSettings } from "../settings.ts";
import type { ApprovalsFile } from "./approvals-file.ts";
import { createExecGate, type ExecSubject } from "./exec-gate.ts";
import { type ExecRule, isExecAsk, isExecSecurity } from "./policy.ts";

export type ExecFor = (subject: ExecSubject) => ExecPort;

/** The exec gate of this gateway's agents: its rules come from configuration and session, its requests go through the router. */
export function createAgentExec(deps: {
  file: ApprovalsFile;
  store: Pick<ApprovalsStore, "use">;
  conversations: Pick<Conversations, "session">;
  settings: () => ExecSettings;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Log;
  call: (method: MethodName, params: unknown, call: Call) => unknown;
}): ExecFor {
  const { conversations, clock } = deps;
  // A run that waits for a person does not hang on the turn that asked.
  const signal = new AbortController().signal;

  const call = async <M extends MethodName>(
    method: M,
    params: unknown,
    principal: Principal,
    accept: Call["accept"],
  ): Promise<Result<M>> => (await deps.call(method, params, { principal, signal, accept })) as Result<M>;

  return createExecGate({
    ...deps,
    rulesFor: async ({ agentId, sessionKey }) => {
      const own = (await conversations.session(sessionKey))?.settings ?? {};
      const settings = deps.settings();
      const ofAgent = settings.ofAgents[agentId] ?? {};
      return {
        rules: [settings.shared, ofAgent, ruleOf(own)],
        host: textOf(own["execHost"]) ?? ofAgent.host ?? settings.shared.host,
      };
    },
    request: (agentId, params, accepted) =>
      call("exec.approval.request", params, agentPrincipal(agentId, "operator.approvals"), (payload) =>
        accepted(payload as { createdAtMs: number; expiresAtMs: number }),
      ),
    use: (approvalId, planHash) => deps.store.use(approvalId, planHash, clock.now()),
    say: async ({ agentId, sessionKey }, message, key) => {
      await call(
        "chat.send",
        { sessionKey, message, idempotencyKey: key },
        agentPrincipal(agentId, "operator.write"),
        () => {},
      );
    },
  });
}

/** Who an agent is when its own doing calls a method: the one scope of that method, and nothing that protects the gateway. */
const agentPrincipal = (agentId: string, scope: string): Principal => ({
  id: `agent:${agentId}`,
  role: "operator",
  scopes: [scope],
  displayName: agentId,
  causedByAgent: true,
});

function ruleOf(settings: Readonly<Record<string, unknown>>): ExecRule {
  const { execSecurity: security, execAsk: ask } = settings;
  return { ...(isExecSecurity(security) && { security }), ...(isExecAsk(ask) && { ask }) };
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
