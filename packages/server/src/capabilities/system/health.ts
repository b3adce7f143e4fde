import type { ConfigurationState, HealthSnapshot } from "@openclaw-gateway/protocol";
import type { Cancel, Clock } from "../../platform/clock.ts";
import { stable } from "../../rpc/stable.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { Conversations } from "../../conversations/conversations.ts";

/** Least time between two snapshots; requests in between share the next one. */
const minIntervalMs = 1_000;
const recentSessions = 5;

/** What the supervised parts of the gateway are doing, by name. */
export type PartStates = () => Record<string, { state: "starting" | "ready" | "failed"; reason?: string }>;

/** The health snapshot: handed out as it was last computed, recomputed when somebody asks or connects. */
export function createHealth(deps: {
  clock: Clock;
  runtime: AgentRuntime;
  conversations: Conversations;
  parts: PartStates;
  databasePath: string;
  configuration: () => ConfigurationState;
  publish: (snapshot: HealthSnapshot, version: number) => void;
}) {
  const { clock, runtime, conversations } = deps;
  let version = 0;
  let computedAt = Number.NEGATIVE_INFINITY;
  let cancelScheduled: Cancel | undefined;
  let snapshot: HealthSnapshot = stable(emptySnapshot());

  function emptySnapshot(): HealthSnapshot {
    return {
      ok: true,
      ts: clock.now(),
      durationMs: 0,
      channels: {},
      channelOrder: [],
      channelLabels: {},
      heartbeatSeconds: 0,
      defaultAgentId: runtime.defaultAgentId,
      agents: [],
      sessions: { path: deps.databasePath, count: 0, recent: [] },
      parts: {},
      ...deps.configuration(),
    };
  }

  async function sessionsOf(agentId: string | undefined) {
    const filter = { limit: recentSessions, ...(agentId !== undefined && { agentId }) };
    const [count, recent] = await Promise.all([conversations.countSessions(agentId), conversations.sessions(filter)]);
    const now = clock.now();
    return {
      path: deps.databasePath,
      count,
      recent: recent.map(({ key, updatedAt }) => ({ key, updatedAt, age: now - updatedAt })),
    };
  }

  async function compute(): Promise<void> {
    const startedAt = clock.now();
    computedAt = startedAt;
    const parts = deps.parts();
    const all = await sessionsOf(undefined);
    const defaultAgentId = runtime.defaultAgentId;
    // Only the default agent is counted here: constant work, however many agents are configured.
    const agents = await Promise.all(
      runtime
        .agents()
        .slice(0, 50)
        .map(async ({ id, name }) => ({
          agentId: id,
          ...(name !== undefined && { name }),
          isDefault: id === defaultAgentId,
          heartbeat: { enabled: false, every: "0m", everyMs: null, prompt: "", target: "last", ackMaxChars: 300 },
          sessions: id === defaultAgentId ? await sessionsOf(id) : { path: deps.databasePath, count: 0, recent: [] },
        })),
    );
    snapshot = stable({
      ok: Object.values(parts).every(({ state }) => state !== "failed"),
      ts: clock.now(),
      durationMs: clock.now() - startedAt,
      channels: {},
      channelOrder: [],
      channelLabels: {},
      heartbeatSeconds: 0,
      defaultAgentId,
      agents,
      sessions: all,
      parts,
      ...deps.configuration(),
    });
    version++;
    deps.publish(snapshot, version);
  }

  /** Recomputes soon; many calls make one snapshot. */
  function refresh(): void {
    if (cancelScheduled) return;
    cancelScheduled = clock.at(Math.max(clock.now(), computedAt + minIntervalMs), () => {
      cancelScheduled = undefined;
      // A failed read leaves the last snapshot; the store reports its own state as a part.
      compute().catch(() => undefined);
    });
  }

  return {
    get version() {
      return version;
    },
    get snapshot() {
      return snapshot;
    },
    refresh,
    stop: (): void => cancelScheduled?.(),
  };
}
export type Health = ReturnType<typeof createHealth>;
