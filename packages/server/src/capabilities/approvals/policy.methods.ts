import { type ExecApprovalsFile, GatewayError, type MethodGroups } from "@openclaw-gateway/protocol";
import type { ApprovalsFile, StoredApprovals } from "../../exec/approvals-file.ts";
import { safeDefaults } from "../../exec/policy.ts";
import type { Audit } from "../../audit/audit.ts";
import type { Handlers, RequestContext } from "../../rpc/handler.ts";

type PolicyMethod = Extract<keyof MethodGroups["approvals"], `exec.approvals.${string}`>;
type PolicyMethods = Pick<
  Handlers<MethodGroups["approvals"]>,
  Exclude<PolicyMethod, "exec.approvals.list" | "exec.approvals.resolve">
>;

/** Reading and replacing the policy of commands. */
export function createPolicyMethods(file: ApprovalsFile, audit: Pick<Audit, "record">): PolicyMethods {
  async function write(
    change: (file: ExecApprovalsFile) => ExecApprovalsFile,
    baseHash: string | undefined,
    by: RequestContext,
  ): Promise<StoredApprovals> {
    const stored = await file.update(change, baseHash);
    const agents = Object.keys(stored.file.agents ?? {});
    await audit.record({ action: "approval.policy.changed", by, detail: { hash: stored.hash, agents } });
    return stored;
  }

  function replace(
    next: ExecApprovalsFile,
    baseHash: string | undefined,
    by: RequestContext,
  ): Promise<StoredApprovals> {
    if (baseHash === undefined) {
      throw new GatewayError(
        "INVALID_REQUEST",
        "exec approvals base hash required; re-run exec.approvals.get and retry",
      );
    }
    return write(() => next, baseHash, by);
  }
  return {
    "exec.approvals.get": async () => view(await file.read()),
    "exec.approvals.set": async ({ file: next, baseHash }, ctx) => view(await replace(next, baseHash, ctx)),
    "exec.approvals.node.get": () => notConnected(),
    "exec.approvals.node.set": () => notConnected(),
    "exec.approvals.overrides": async () => overrides(await file.read()),
    "exec.approvals.overrides.set": async ({ overrides: agents, baseHash }, ctx) =>
      overrides(await write((current) => ({ ...current, agents }), baseHash, ctx)),
  };
}

/** The token of the socket is nobody's to read. */
function view({ file, ...stored }: StoredApprovals) {
  const { socket, ...rest } = file;
  const { token: _, ...visible } = socket ?? {};
  return { ...stored, file: socket ? { ...rest, socket: visible } : rest, resolvedDefaults: resolvedDefaults(file) };
}

const resolvedDefaults = ({ defaults = {} }: ExecApprovalsFile) => ({
  security: defaults.security ?? safeDefaults.security,
  ask: defaults.ask ?? safeDefaults.ask,
  askFallback: defaults.askFallback ?? safeDefaults.askFallback,
  autoAllowSkills: defaults.autoAllowSkills ?? safeDefaults.autoAllowSkills,
});

const overrides = ({ hash, file }: StoredApprovals) => ({ hash, overrides: file.agents ?? {} });

function notConnected(): never {
  throw new GatewayError("UNAVAILABLE", "node not connected", {
    details: { nodeError: { code: "NOT_CONNECTED", message: "node not connected" } },
  });
}
