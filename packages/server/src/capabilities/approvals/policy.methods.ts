import { type ExecApprovalsFile, GatewayError, type MethodGroups } from "@openclaw-gateway/protocol";
import type { ApprovalsFile, StoredApprovals } from "../../exec/approvals-file.ts";
import { safeDefaults } from "../../exec/policy.ts";
import type { Handlers } from "../../rpc/handler.ts";

type PolicyMethod = Extract<keyof MethodGroups["approvals"], `exec.approvals.${string}`>;
type PolicyMethods = Pick<
  Handlers<MethodGroups["approvals"]>,
  Exclude<PolicyMethod, "exec.approvals.list" | "exec.approvals.resolve">
>;

/** Reading and replacing the policy of commands. */
export function createPolicyMethods(file: ApprovalsFile): PolicyMethods {
  async function replace(change: (file: ExecApprovalsFile) => ExecApprovalsFile, baseHash: string | undefined) {
    if (baseHash === undefined) {
      throw new GatewayError(
        "INVALID_REQUEST",
        "exec approvals base hash required; re-run exec.approvals.get and retry",
      );
    }
    return file.update(change, baseHash);
  }
  return {
    "exec.approvals.get": async () => view(await file.read()),
    "exec.approvals.set": async ({ file: next, baseHash }) => view(await replace(() => next, baseHash)),
    "exec.approvals.node.get": () => notConnected(),
    "exec.approvals.node.set": () => notConnected(),
    "exec.approvals.overrides": async () => overrides(await file.read()),
    "exec.approvals.overrides.set": async ({ overrides: agents, baseHash }) =>
      overrides(await file.update((current) => ({ ...current, agents }), baseHash)),
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
