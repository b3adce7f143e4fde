import { GatewayError, hasScope, type MethodSpec, missingScope, protectingScopes } from "@openclaw-gateway/protocol";
import type { Principal } from "./principal.ts";

/**
 * The one decision about who may call what, for every entrance. Returns the refusal, or undefined when the call may go
 * on. A caller without admin learns nothing about which methods exist: that is the recorded order of checks too.
 */
export function authorize(
  principal: Principal,
  method: string,
  spec: MethodSpec | undefined,
): GatewayError | undefined {
  if (spec && spec.role !== "operator") return principal.role === spec.role ? undefined : wrongRole(principal);
  if (principal.role !== "operator") return wrongRole(principal);
  const scope = spec ? spec.scope : "operator.admin";
  if (principal.causedByAgent && scope !== undefined && protectingScopes.has(scope) && !spec?.forAgents) {
    return new GatewayError(
      "FORBIDDEN",
      `an agent may not call ${method}: it could loosen what keeps agents in bounds`,
      {
        details: { reason: "caused-by-agent", method },
      },
    );
  }
  if (scope !== undefined && !hasScope(principal.scopes, scope)) return missingScope(scope);
  return spec ? undefined : new GatewayError("INVALID_REQUEST", `unknown method: ${method}`);
}

const wrongRole = ({ role }: Principal): GatewayError =>
  new GatewayError("INVALID_REQUEST", `unauthorized role: ${role}`);
