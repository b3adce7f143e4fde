import { changedKeys } from "../changed-keys.ts";
import type { GatewayConfig } from "../schema.ts";
import { type ReloadKind, reloadKindOf } from "./reload-keys.ts";
import type { ReloadMode } from "./reload-modes.ts";

export type ReloadPlan = {
  /** Every key that differs. */
  changed: readonly string[];
  /** Of these, what counts only after a restart. */
  needRestart: readonly string[];
  /** Whether the gateway restarts by itself. */
  restarts: boolean;
};

/** What a change of the configuration means for a running gateway. */
export function planReload(before: GatewayConfig, after: GatewayConfig, mode: ReloadMode): ReloadPlan {
  const changed = changedKeys(before, after);
  const of = (kind: ReloadKind): string[] => changed.filter((path) => reloadKindOf(path) === kind);
  const needRestart = of("restart");
  const restarts =
    (mode === "hybrid" && needRestart.length > 0) ||
    (mode === "restart" && (needRestart.length > 0 || of("hot").length > 0));
  return { changed, needRestart, restarts };
}
