import { type ConfigurationState, methodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";
import { createPageCache } from "../../rpc/page-cache.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import { type ModelDefaults, toSessionRow } from "../../conversations/session-row.ts";
import type { Health } from "./health.ts";
import type { Presence } from "./presence.ts";

const recentSessions = 10;

export function createSystem(deps: {
  health: Health;
  presence: Presence;
  conversations: Conversations;
  runtime: AgentRuntime;
  modelDefaults: () => ModelDefaults;
  databasePath: string;
  configuration: () => ConfigurationState;
  configRevision: () => number;
}) {
  const { health, presence, conversations, runtime } = deps;
  const pages = createPageCache<Awaited<ReturnType<typeof computeStatus>>>(1);

  async function recentRows(agentId?: string) {
    const defaults = deps.modelDefaults();
    const sessions = await conversations.sessions({ limit: recentSessions, ...(agentId !== undefined && { agentId }) });
    return sessions.map((session) => {
      const row = toSessionRow(session, defaults);
      const remaining =
        defaults.contextTokens === null ? undefined : defaults.contextTokens - (session.totalTokens ?? 0);
      return {
        ...row,
        ...(remaining !== undefined && { remainingTokens: remaining }),
        ...(defaults.contextTokens && {
          percentUsed: Math.round(((session.totalTokens ?? 0) / defaults.contextTokens) * 100),
        }),
        flags: [...(session.systemSent ? ["system"] : []), `id:${session.sessionId}`],
      };
    });
  }

  async function computeStatus() {
    const defaults = deps.modelDefaults();
    const agentId = runtime.defaultAgentId;
    const [count, ofDefault, recent, recentOfDefault] = await Promise.all([
      conversations.countSessions(),
      conversations.countSessions(agentId),
      recentRows(),
      recentRows(agentId),
    ]);
    return {
      heartbeat: { defaultAgentId: agentId, agents: [{ agentId, enabled: false, every: "0m", everyMs: null }] },
      channelSummary: [],
      queuedSystemEvents: [],
      sessions: {
        paths: [deps.databasePath],
        count,
        defaults: { model: defaults.model, contextTokens: defaults.contextTokens },
        recent,
        byAgent: [{ agentId, path: deps.databasePath, count: ofDefault, recent: recentOfDefault }],
      },
      ...deps.configuration(),
    };
  }

  return implement(methodGroups.system, {
    health: () => {
      health.refresh();
      return health.snapshot;
    },
    // Both numbers only grow, so their sum is one of this very state.
    status: () => pages.get("status", () => conversations.listRevision + deps.configRevision(), computeStatus),
    "system-presence": () => presence.list(),
    "last-heartbeat": () => null,
  });
}
