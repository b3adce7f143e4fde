import { methodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";
import { memoised } from "../../rpc/memoised.ts";
import { stable } from "../../rpc/stable.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";

export function createModels({ runtime }: { runtime: AgentRuntime }) {
  const answer = memoised(() => runtime.models(), (models) => stable({ models: [...models] }));
  return implement(methodGroups.models, { "models.list": () => answer() });
}
