import { methodGroups } from "@openclaw-gateway/protocol";
import type { LiveConfig } from "../../config/live-config.ts";
import { implement } from "../../rpc/handler.ts";

export function createSecrets({ reloadSecrets }: Pick<LiveConfig, "reloadSecrets">) {
  return implement(methodGroups.secrets, {
    "secrets.reload": async () => {
      const { changed, stale } = await reloadSecrets();
      return { ok: true, warningCount: stale.length, changedPaths: [...changed], warnings: [...stale] };
    },
  });
}
