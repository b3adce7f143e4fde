import type { Role } from "@openclaw-gateway/protocol";

/** Who causes a call. `scopes` are the effective ones: requested and granted. */
export type Principal = {
  /** Stable for one caller; idempotency keys and rate limits hang on it. */
  id: string;
  role: Role;
  scopes: readonly string[];
  /** How the caller presents itself; never a ground for a decision. */
  displayName: string;
  deviceId?: string;
  /** Whether an agent's tool made the call; such a call can never loosen anything. */
  causedByAgent: boolean;
};
