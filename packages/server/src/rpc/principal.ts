import { hasScope, type Role } from "@openclaw-gateway/protocol";
import type { Grant } from "../auth/grant.ts";
import type { CredentialKind } from "../auth/pairing-rules.ts";

/** Who causes a call. `scopes` are the effective ones: requested and granted. */
export type Principal = {
  /** Stable for one caller; idempotency keys and rate limits hang on it. */
  id: string;
  role: Role;
  scopes: readonly string[];
  /** How the caller presents itself; never a ground for a decision. */
  displayName: string;
  deviceId?: string;
  /** What let a client in; when that ends, so do its connections. Absent for callers inside the gateway. */
  credential?: CredentialKind;
  /** Whether the settings would still let them in. Absent for callers inside the gateway. */
  grant?: Grant;
  /** Whether an agent's tool made the call; such a call can never loosen anything. */
  causedByAgent: boolean;
};

/** A device without admin sees and touches itself only; who came with the secret alone is bounded by its scopes. */
export const mayManageDevice = ({ deviceId: own, scopes }: Principal, deviceId: string): boolean =>
  own === undefined || own === deviceId || hasScope(scopes, "operator.admin");
