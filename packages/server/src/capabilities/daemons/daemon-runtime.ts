import { GatewayError, type TurnReport } from "@openclaw-gateway/protocol";
import type { EventPlane } from "../../events/plane.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { newestWithin } from "../../platform/newest-within.ts";
import type { Principal } from "../../rpc/principal.ts";
import type { AgentDescription, AgentRuntime, Turn, TurnEvent } from "../../runtime/agent-runtime.ts";
import { createTranscriptWriter } from "./transcript-writer.ts";
import { createTurnFeed, type TurnFeed } from "./turn-feed.ts";
import { withoutImages } from "./without-images.ts";

/** Bytes of history that a daemon is sent with a turn; older messages are left out. */
const maxHistoryBytes = 8 * 1024 * 1024;
/** Bytes of reports that may wait for a turn. */
const maxWaitingBytes = 4 * 1024 * 1024;
/** Bytes that one turn may report in all. */
const maxTurnBytes = 64 * 1024 * 1024;

type Daemon = { connectionId: string; principal: Principal; approvedFor: ApprovedFor };
/** Agents that a device was approved for by name; empty when its approval named none. */
type ApprovedFor = readonly string[];
type Ending = { type: "gateway-error"; kind: "timeout" | "unknown"; message: string };
type Running = {
  daemon: Daemon;
  agentId: string;
  feed: TurnFeed<TurnReport | Ending>;
  nextSeq: number;
  bytes: number;
};

/** Agents that other programs run. Turns for them go to the daemon that serves them, all others to `inner`. */
export function createDaemons(deps: { inner: AgentRuntime; plane: EventPlane; clock: Clock; log: Log }) {
  const { inner, plane, clock, log } = deps;
  const serving = new Map<string, Daemon>();
  const running = new Map<string, Running>();
  let shown: { from: readonly AgentDescription[]; agents: readonly AgentDescription[] } | undefined;

  const find = (agentId: string): AgentDescription | undefined => inner.agents().find(({ id }) => id === agentId);

  /** Asked at every use, so that a changed configuration counts at once. */
  function mayServe({ principal: { deviceId }, approvedFor }: Omit<Daemon, "connectionId">, agentId: string): boolean {
    const grant = find(agentId)?.daemon;
    if (!grant) return false;
    if (approvedFor.includes(agentId)) return true;
    // Named agents at its approval are all that a device serves, unless the configuration names the device.
    if (grant.devices === undefined) return approvedFor.length === 0;
    return deviceId !== undefined && grant.devices.includes(deviceId);
  }

  function daemonOf(agentId: string): Daemon | undefined {
    const daemon = serving.get(agentId);
    return daemon && mayServe(daemon, agentId) ? daemon : undefined;
  }

  function agents(): readonly AgentDescription[] {
    const from = inner.agents();
    if (shown?.from !== from) {
      const withState = from.map((agent) =>
        agent.daemon ? { ...agent, daemon: { ...agent.daemon, isOnline: daemonOf(agent.id) !== undefined } } : agent,
      );
      shown = { from, agents: from.some(({ daemon }) => daemon) ? withState : from };
    }
    return shown.agents;
  }

  function tell(daemon: Daemon, event: string, payload: unknown): void {
    plane.publish({ event, payload, audience: { kind: "connections", ids: new Set([daemon.connectionId]) } });
  }

  function fail(run: Running, message: string, kind: Ending["kind"] = "unknown"): void {
    // Everything reported before still counts.
    void run.feed.push([{ type: "gateway-error", kind, message }], 0);
    run.feed.close();
  }

  async function* run(turn: Turn, signal: AbortSignal): AsyncGenerator<TurnEvent, void> {
    const { runId, agentId, sessionKey, sessionId } = turn;
    const daemon = daemonOf(agentId);
    const grant = find(agentId)?.daemon;
    if (!daemon || !grant) {
      const message = `agent "${agentId}" is offline: the daemon that serves it is not connected`;
      return yield { type: "error", kind: "unknown", message };
    }
    if (turn.mustBePriced) {
      const message = `agent "${agentId}" is run by a daemon, whose prices are not known beforehand; it takes no turns with a budget`;
      return yield { type: "error", kind: "unknown", message };
    }
    const feed = createTurnFeed<TurnReport | Ending>(maxWaitingBytes);
    const entry: Running = { daemon, agentId, feed, nextSeq: 0, bytes: 0 };
    running.set(runId, entry);
    const stop = (): void => feed.close({ discard: true });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const { timeoutSeconds } = grant;
    const late = (): void => fail(entry, `the turn took longer than ${timeoutSeconds} s`, "timeout");
    const cancelTimeout =
      timeoutSeconds > 0 && !turn.isTimed ? clock.at(clock.now() + timeoutSeconds * 1000, late) : () => {};
    const { model, thinking, extraSystemPrompt, attachments, allowedTools } = turn;
    const { messages, images } = withoutImages(turn.history);
    tell(daemon, "agent.turn.requested", {
      runId,
      agentId,
      sessionKey,
      sessionId,
      messages: newestWithin(messages, maxHistoryBytes),
      attachments: [...attachments, ...images],
      allowedTools,
      model,
      thinking,
      extraSystemPrompt,
    });
    const writer = createTranscriptWriter(agentId, clock.now);
    let why = signal.aborted ? String(signal.reason) : "abandoned";
    try {
      for await (const report of feed) {
        if (signal.aborted) break;
        if (report.type === "gateway-error") {
          why = report.message;
          yield* writer.take({ type: "error", kind: report.kind, message: report.message });
          return;
        }
        if (report.type === "end" || report.type === "error") why = "";
        yield* writer.take(report);
        if (why === "") return;
      }
      why = typeof signal.reason === "string" ? signal.reason : "aborted";
      yield { type: "end", stopReason: "aborted" };
    } finally {
      cancelTimeout();
      signal.removeEventListener("abort", stop);
      stop();
      running.delete(runId);
      // Whoever reported the end needs not be told.
      if (why !== "") tell(daemon, "agent.turn.aborted", { runId, reason: why });
    }
  }

  /** The connection is gone: its agents are offline and its turns end. */
  function drop(connectionId: string): void {
    for (const [agentId, daemon] of serving) {
      if (daemon.connectionId === connectionId) serving.delete(agentId);
    }
    shown = undefined;
    for (const [runId, entry] of running) {
      if (entry.daemon.connectionId !== connectionId) continue;
      log.warn({ runId, agentId: entry.agentId }, "the daemon that ran a turn is gone");
      fail(entry, `the daemon that serves agent "${entry.agentId}" went away during the turn`);
    }
  }

  const runtime: AgentRuntime = {
    run: (turn, signal) => (find(turn.agentId)?.daemon ? run(turn, signal) : inner.run(turn, signal)),
    // What a daemon was told is not told to a model provider behind its back.
    compact: async (request, signal) =>
      find(request.agentId)?.daemon
        ? { kind: "failed", message: `agent "${request.agentId}" is run by a daemon, which sums up for itself` }
        : inner.compact(request, signal),
    models: () => inner.models(),
    findModel: (name) => inner.findModel(name),
    modelsOf: (agentId, chosen) =>
      find(agentId)?.daemon
        ? [{ model: { provider: "daemon", id: agentId }, isPriced: false }]
        : inner.modelsOf(agentId, chosen),
    agents,
    callTool: async (call, signal) =>
      find(call.agentId)?.daemon ? { kind: "unavailable" } : inner.callTool(call, signal),
    embed: (request, signal) => inner.embed(request, signal),
    toolNames: (agentId) => (find(agentId)?.daemon ? undefined : inner.toolNames(agentId)),
    get defaultAgentId() {
      return inner.defaultAgentId;
    },
    reconfigure: (config) => inner.reconfigure(config),
    close: () => inner.close(),
  };

  return {
    runtime,
    drop,
    /** From now on the connection serves exactly these agents. */
    serve: (by: Daemon, agentIds: readonly string[]): void => {
      const { connectionId } = by;
      const denied = agentIds.find((agentId) => !mayServe(by, agentId));
      if (denied !== undefined) {
        throw new GatewayError(
          "FORBIDDEN",
          `not granted to serve agent "${denied}"; agents.list of the configuration grants it with runtime: { "type": "daemon" }, for single devices with "devices"; the approval of a device may name its agents`,
          { details: { code: "AGENT_NOT_GRANTED", agentId: denied } },
        );
      }
      for (const [agentId, daemon] of serving) {
        if (daemon.connectionId === connectionId && !agentIds.includes(agentId)) serving.delete(agentId);
      }
      const replaced = new Map<Daemon, string[]>();
      for (const agentId of agentIds) {
        const former = serving.get(agentId);
        if (former && former.connectionId !== connectionId)
          replaced.set(former, [...(replaced.get(former) ?? []), agentId]);
        serving.set(agentId, by);
      }
      shown = undefined;
      for (const [former, ids] of replaced) tell(former, "agent.serve.ended", { agentIds: ids, reason: "replaced" });
    },
    /** Takes a report of a turn. Resolves when the turn has read it. */
    report: async (
      connectionId: string,
      { runId, seq, events }: { runId: string; seq: number; events: readonly TurnReport[] },
    ): Promise<"running" | "over"> => {
      const entry = running.get(runId);
      // Nothing is told about the runs of others.
      if (!entry || entry.daemon.connectionId !== connectionId) return "over";
      if (seq < entry.nextSeq) return "running";
      if (seq > entry.nextSeq)
        throw new GatewayError("INVALID_REQUEST", `report ${entry.nextSeq} of run ${runId} comes next, not ${seq}`, {
          details: { expectedSeq: entry.nextSeq },
        });
      if (!mayServe(entry.daemon, entry.agentId)) {
        fail(entry, `the daemon may not serve agent "${entry.agentId}" any more`);
        return "over";
      }
      const size = Buffer.byteLength(JSON.stringify(events));
      if (entry.bytes + size > maxTurnBytes) {
        fail(entry, `the daemon reported more than ${maxTurnBytes} bytes for one turn`);
        return "over";
      }
      const taken = entry.feed.push(events, size);
      if (!taken)
        throw new GatewayError("UNAVAILABLE", "too many reports are waiting; send the next when the last is answered", {
          retryable: true,
          retryAfterMs: 100,
          details: { expectedSeq: entry.nextSeq },
        });
      entry.nextSeq++;
      entry.bytes += size;
      await taken;
      return running.get(runId) === entry ? "running" : "over";
    },
  };
}
export type Daemons = ReturnType<typeof createDaemons>;
