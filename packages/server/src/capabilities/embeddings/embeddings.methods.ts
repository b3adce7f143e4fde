import { GatewayError, insideMethodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";

/** Texts as vectors, by what the runtime is configured with. */
export function createEmbeddings({ runtime }: { runtime: AgentRuntime }) {
  return implement(insideMethodGroups.embeddings, {
    "embeddings.create": async ({ agentId = runtime.defaultAgentId, model, input, dimensions }, { signal }) => {
      if (!runtime.agents().some(({ id }) => id === agentId))
        throw new GatewayError("INVALID_REQUEST", `unknown agent id "${agentId}"`, { details: { field: "agentId" } });
      return runtime.embed(
        {
          agentId,
          values: input,
          ...(model !== undefined && { model }),
          ...(dimensions !== undefined && { dimensions }),
        },
        signal,
      );
    },
  });
}
