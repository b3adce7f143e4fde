import type { HealthSnapshot, PresenceEntry } from "@openclaw-gateway/protocol";
import type { Clock } from "../../core/index.ts";
import type { MockConnection } from "../connection.ts";
import { type Conversations, defaultAgentId, mockModel, mockPath, rowOf } from "../conversations.ts";
import type { MockHandlers } from "../handlers.ts";

export type SystemDeps = {
  clock: Clock;
  conversations: Conversations;
  connections: ReadonlySet<MockConnection>;
  agentIds: () => readonly string[];
};

export const presenceOf = ({ name, scopes, connectedAtMs }: MockConnection): PresenceEntry => ({
  host: name,
  mode: "backend",
  roles: ["operator"],
  scopes: [...scopes],
  reason: "connect",
  ts: connectedAtMs,
  text: `Node: ${name}`,
});

export function presenceList({ clock, connections }: SystemDeps): PresenceEntry[] {
  const self = { host: "mock", mode: "gateway", reason: "self", text: "Gateway: mock", ts: clock.now() };
  return [self, ...[...connections].map(presenceOf).toReversed()];
}

export function healthOf({ clock, conversations, agentIds }: SystemDeps): HealthSnapshot {
  const all = conversations.all();
  const sessions = (agentId?: string) => {
    const mine = all.filter((session) => agentId === undefined || session.agentId === agentId);
    const recent = mine.slice(0, 5).map(({ key, updatedAtMs }) => ({ key, updatedAt: updatedAtMs }));
    return { path: mockPath, count: mine.length, recent };
  };
  return {
    ok: true,
    ts: clock.now(),
    durationMs: 0,
    channels: {},
    channelOrder: [],
    channelLabels: {},
    heartbeatSeconds: 0,
    defaultAgentId,
    agents: agentIds().map((agentId) => ({
      agentId,
      isDefault: agentId === defaultAgentId,
      sessions: sessions(agentId),
    })),
    sessions: sessions(),
  };
}

export const systemMethods = (deps: SystemDeps) =>
  ({
    health: () => healthOf(deps),
    status: () => ({
      heartbeat: { defaultAgentId },
      channelSummary: [],
      queuedSystemEvents: [],
      sessions: {
        count: deps.conversations.all().length,
        recent: deps.conversations
          .all()
          .slice(0, 10)
          .map((each) => rowOf(each)),
      },
    }),
    "system-presence": () => presenceList(deps),
    "last-heartbeat": () => null,
    "models.list": () => ({
      models: [mockModel.model, "mock-2"].map((id) => ({
        id,
        name: `Simulated ${id}`,
        provider: mockModel.modelProvider,
        contextWindow: mockModel.contextTokens,
        available: true,
        ...(id === mockModel.model ? { tags: ["default"] } : {}),
      })),
    }),
    ping: () => ({ ok: true as const, ts: deps.clock.now() }),
    subscribe: () => ({ ok: true as const }),
    unsubscribe: () => ({ ok: true as const }),
  }) satisfies MockHandlers;
