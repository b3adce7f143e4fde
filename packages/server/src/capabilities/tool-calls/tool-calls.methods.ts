import {
  canonicalSessionKey,
  insideMethodGroups,
  mainSessionKey,
  parseSessionKey,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { GatewayConfig } from "../../config/schema.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import { implement } from "../../rpc/handler.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { TurnGateways } from "../../turns/turn-gateway.ts";
import { availableTools } from "./available.ts";

/** Tools that programs call. They reach the gateway as those of a turn do: as requests of an agent in the caller's name. */
export function createToolCalls(deps: {
  runtime: AgentRuntime;
  conversations: Pick<Conversations, "session">;
  gatewayOf: TurnGateways;
  keys: () => SessionKeyDefaults;
  config: () => GatewayConfig;
}) {
  const { runtime, conversations, gatewayOf, keys, config } = deps;

  return implement(insideMethodGroups.toolCalls, {
    "tools.invoke": async ({ tool, action, args = {}, sessionKey, dryRun }, { principal, signal }) => {
      const { defaultAgentId, mainKey } = keys();
      const key = sessionKey?.trim()
        ? canonicalSessionKey(sessionKey, keys())
        : mainSessionKey(defaultAgentId, mainKey);
      const agentId = parseSessionKey(key)?.agentId ?? defaultAgentId;
      const names = runtime.agents().some(({ id }) => id === agentId) ? runtime.toolNames(agentId) : undefined;
      if (!names) return { kind: "unavailable" };
      const session = (await conversations.session(key)) ?? { key, settings: {} };
      const causedBy = { id: principal.id, scopes: principal.scopes };
      const gateway = gatewayOf({ agentId, sessionKey: key, input: { causedBy } }, session, signal);
      return runtime.callTool(
        {
          agentId,
          sessionKey: key,
          name: tool.trim(),
          args,
          allowedTools: availableTools(names, config().gateway?.tools),
          ...(action !== undefined && { action }),
          ...(dryRun && { isRehearsal: true }),
          ...(gateway && { gateway }),
        },
        signal,
      );
    },
  });
}
